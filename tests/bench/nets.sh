# The networks of the benches of training, and the middle of what was measured.
a=nor_conv_3x3 b=avg_pool_3x3 c=skip_connect
network() { # NAME: space, architecture, cells, channels, of steps to measure
    case $1 in
    conv)  echo "nas-bench-201;|$a~0|+|$a~0|$a~1|+|$a~0|$a~1|$a~2|;5;16;5" ;;
    best)  echo "nas-bench-201;|$a~0|+|$a~0|$a~1|+|$c~0|$a~1|$a~2|;5;16;5" ;;
    light) echo "nas-bench-201;|$b~0|+|$c~0|$b~1|+|$c~0|$b~1|$c~2|;5;16;9" ;;
    darts) echo "darts;Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6));20;36;1" ;;
    esac
}

# The middle one of a column's numbers.
middle() { # FILE COLUMN
    awk -v column="$2" '{ print $column }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
