#!/bin/sh
# The cells of the rank study are what its title says: those at equally spaced quantiles, the middles
# of 20 equal parts, of the table's test accuracy on CIFAR-10.
cd "${srcdir:-.}" || exit 99
wanted=$(SEKI_DATA=. "$SEKI" query nas-bench-201 --all |
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "accuracy_cifar10_test_200_mean_percent") column = i }
             NR > 1 && $column != "" { print $column, $1 }' | LC_ALL=C sort -k1,1g -k2,2 |
    awk '{ cell[NR - 1] = $2 } END { for (i = 0; i < 20; i++) print cell[int((2 * i + 1) * NR / 40)] }')
listed=$(grep -o '"[0-4]\{6\}"' experiments/fashion-nb201-rank.json | tr -d '"')
[ "$wanted" = "$listed" ] && exit 0
echo "expected" $wanted
echo "found   " $listed
exit 1
