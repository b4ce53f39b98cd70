# The same architectures scored in two ways: a dot for each. data: arch,x,y. Variables: across and upward,
# what the axes are; rho, the rank correlation in words.
load style

height = 2.6
set xlabel across noenhanced
set ylabel upward noenhanced offset 1, 0
set grid linestyle 100
set offsets graph 0.04, graph 0.04, graph 0.04, graph 0.04
set label 1 rho at graph 0.04, graph 0.94 noenhanced
set lmargin at screen 0.15
set rmargin at screen 0.945
set tmargin at screen 0.97
set bmargin at screen 0.42 / height

do for [kind in kinds] {
    eval(terminal(kind, height))
    set output out.".".kind
    plot data skip 1 using 2:3 with points linecolor rgb colour(1) pointtype 7 notitle
}
unset output
