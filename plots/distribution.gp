# Where proposals fall among all architectures of the space, ranked from the worst (left) to the best
# (right): the share of them in each bin, before the space's own in grey. A row is a method and a
# stage; the dot, and the number, is the rank of the best of a run (the median over runs).
# data: method,stage,top_pct_from,top_pct_to,share_pct,space_pct,proposals,median_top_pct,
# best_of_a_run_top_pct,best_top_pct, a line for each of bins, row by row. Variables: bins; heads, what is written above the
# rows of each method, and firsts, the number of its first row; letters, of the longest stage;
# scores, pairs of a per cent of the space and the score that it reaches; metric, epoch, percent.
load style

stats data skip 1 using 5 name "SHARE" nooutput
stats data skip 1 using 6 name "SPACE" nooutput
stats data skip 1 using 4 name "TOP" nooutput
rows = SHARE_records / bins
places = rows + 0.85 * words(firsts)
height = 1.1 + 0.21 * places
tallest = 1.1 * max(SHARE_max, SPACE_max)

# The height of the base of a row, or of the row that has the i-th line of data; heads stand above.
base(row) = row + 0.85 * sum [k = 1:words(firsts)] (real(word(firsts, k)) <= row)
of(i) = base(floor(i / bins) + 1)

set logscale x
set logscale x2
set xrange [100 : TOP_min]
set x2range [100 : TOP_min]
set yrange [places + 0.2 : 0]
set xlabel "among the best … % of the space"
set format x "%g"
set x2label sprintf("validation %s%s (%s epoch)", metric, percent ? ", %" : "", epoch) offset 0, -0.6
set x2tics () scale 0.5
do for [i = 1:words(scores) / 2] {
    set x2tics add (word(scores, 2 * i) real(word(scores, 2 * i - 1)))
}
set border 7
set grid x2tics linestyle 100
set ytics scale 0 noenhanced
set key at screen 0.98, screen 0.02 / height right bottom vertical maxrows 1 samplen 1
set lmargin at screen margin(letters)
set rmargin at screen 0.82
set tmargin at screen 1 - 0.4 / height
set bmargin at screen 0.6 / height
# Right of the axis, since a long name would cross it, and on white, since the grid would cross it.
set style textbox opaque noborder margins 0.3, 0.2
do for [k = 1:words(firsts)] {
    set label k word(heads, k) at graph 0.015, first base(real(word(firsts, k))) - 1.25 noenhanced front boxed
}

do for [kind in kinds] {
    eval(terminal(kind, height))
    set output out.".".kind
    plot data skip 1 using (sqrt($3 * $4)):(of($0)):3:4:(of($0) - $6 / tallest):(of($0)) \
             with boxxyerror linecolor rgb "#cccccc" fillstyle solid noborder title "the space", \
         data skip 1 using (sqrt($3 * $4)):(of($0)):3:4:(of($0) - $5 / tallest):(of($0)) \
             with boxxyerror linecolor rgb colour(1) fillstyle transparent solid 0.6 noborder \
             title "proposals", \
         data skip 1 every bins using (NaN):(of($0 * bins) - 0.3):ytic(strcol(2)) with points notitle, \
         data skip 1 every bins using 9:(of($0 * bins)) with points \
             linecolor rgb colour(2) pointtype 7 pointsize 0.5 title "best of a run", \
         data skip 1 every bins using (TOP_min):(of($0 * bins)):(sprintf("%.2g %%", $9)) \
             with labels left offset 0.5, 0.3 notitle
}
unset output
