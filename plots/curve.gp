# Best score so far, or regret, along a search, or at its end along an axis of the matrix: the mean
# over runs, with a band. data: method,<against>,mean,low,high,runs. The variables are set by src/report/curve.c.
load style

height = 2.4
if (key_place eq "below") {
    columns = longest(methods, 1) <= 22 ? 2 : 1
    rows = (words(methods) + columns - 1) / columns
    height = height + 0.16 * rows
    set bmargin at screen (0.38 + 0.175 * rows) / height
    set key at screen 0.03, screen 0.03 / height left bottom vertical maxrows rows
    set key Left reverse samplen 2.5
    set key width -0.16 * longest(methods, 1) # gnuplot takes every letter to be as wide as an M
} else {
    set key @key_place Left reverse
}
set grid ytics linestyle 100
stats data skip 1 using 2 name "X" nooutput
if (log_x) { set logscale x }
if (against eq "seconds") {
    set xlabel clock." of training"
    set format x "%.0s%c"
    unit = 10 ** floor(log10(X_max / 2))
    step = X_max < 3 * unit ? unit / 2 : X_max < 6 * unit ? unit : \
           X_max < 12 * unit ? 2 * unit : 5 * unit
    if (!log_x) { set xtics step }
} else {
    if (along_axis) { set xlabel against noenhanced } else { set xlabel "evaluations" }
}
if (regret) {
    set logscale y
    set format y "%g"
    set ylabel sprintf("regret of validation %s%s\n(%s epoch; %g: or less)", \
                       metric, percent ? ", %" : "", epoch, smallest)
} else {
    set ylabel sprintf("best validation %s%s%s\n(%s epoch)", metric, along_axis ? "" : " so far", \
                       percent ? ", %" : "", epoch)
    # The first evaluations are so poor that they would leave no room for the rest.
    begin = along_axis ? X_min : X_max / 10
    stats data skip 1 using ($2 < begin ? NaN : $4) name "LOW" nooutput
    stats data skip 1 using ($2 < begin ? NaN : $5) name "HIGH" nooutput
    room = max((HIGH_max - LOW_min) / 20, smallest) # all may be equal
    if (y_min eq "*") { y_min = sprintf("%g", LOW_min - room) }
    if (y_max eq "*") { y_max = sprintf("%g", HIGH_max + room) }
}
set xrange [@x_min : @x_max]
set yrange [@y_min : @y_max]

style_of_line = along_axis ? "linespoints" : "lines"
shown(y) = regret && y < smallest ? smallest : y
of(i) = strcol(1) eq word(methods, i)

do for [kind in kinds] {
    eval(terminal(kind, height))
    set output out.".".kind
    plot for [i = 1:(band ? words(methods) : 0)] data skip 1 \
             using (of(i) ? $2 : NaN):(shown($4)):(shown($5)) \
             with filledcurves linecolor rgb colour(i) fillstyle transparent solid 0.12 noborder \
             notitle, \
         for [i = 1:words(methods)] data skip 1 using (of(i) ? $2 : NaN):(shown($3)) \
             with @style_of_line linetype i title word(methods, i)
}
unset output
