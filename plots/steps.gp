# Share of proposals better than their parent (bar, with its standard error), and of a uniform
# one-slot mutation of the same parents (mark). One line of the figure is a method and a stage.
# data: method,stage,proposals,better_pct,sem_pct,mutation_pct. Variables: letters, of the longest
# text before a row.
load style

stats data skip 1 using 4 nooutput
rows = STATS_records
height = 0.6 + 0.33 * rows
set yrange [rows + 0.6 : 0.4]
set xrange [0 : *]
set xlabel "better than their parent, %"
set grid xtics linestyle 100
set key @row_key
set ytics scale 0 noenhanced
set lmargin at screen margin(letters)
set rmargin at screen 0.96
set tmargin at screen 1 - 0.2 / height
set bmargin at screen 0.4 / height
set style fill solid 0.5 noborder

do for [kind in kinds] {
    eval(terminal(kind, height))
    set output out.".".kind
    plot data skip 1 using ($4 / 2):($0 + 1):($4 / 2):(0.32):ytic(strcol(1)."\n".strcol(2)) \
             with boxxyerror linecolor rgb colour(1) title "proposals", \
         data skip 1 using 4:($0 + 1):5 with xerrorbars \
             linecolor rgb "#000000" linewidth 0.8 dashtype solid pointtype -1 notitle, \
         data skip 1 using 6:($0 + 1) with points \
             linecolor rgb colour(2) pointtype 7 pointsize 0.5 title "mutation, expected"
}
unset output
