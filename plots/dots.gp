# Best score after given numbers of evaluations: mean and deviation over runs, a line a method.
# data: method,evaluations,mean,std,runs, a line for each word of at, method by method. Variables:
# at, split, metric, epoch, percent, and letters, of the longest method.
load style

dots = words(at)
stats data skip 1 using 3 nooutput
rows = STATS_records / dots
height = 0.6 + (0.12 + 0.08 * dots) * rows
set yrange [rows + 0.5 : 0.5]
set xlabel sprintf(split eq "valid" ? "best validation %s%s (%s epoch)" : \
                                      "test %s of the best%s (%s epoch)", \
                   metric, percent ? ", %" : "", epoch)
set grid xtics linestyle 100
set key @row_key
set ytics scale 0 noenhanced
set lmargin at screen margin(letters)
set rmargin at screen 0.96
set tmargin at screen 1 - 0.2 / height
set bmargin at screen 0.4 / height

# The height of the line-th line of its word of at.
place(line, i) = line + 1 + 0.6 * ((i - 0.5) / dots - 0.5)
name(i) = word(at, i) eq "0" ? "at the end" : sprintf("after %s", word(at, i))

do for [kind in kinds] {
    eval(terminal(kind, height))
    set output out.".".kind
    plot data skip 1 every dots using (NaN):($0 + 1):ytic(strcol(1)) with points notitle, \
         for [i = 1:dots] data skip 1 every dots::(i - 1) using 3:(place($0, i)):4 \
             with xerrorbars linetype i dashtype solid notitle, \
         for [i = 1:dots] data skip 1 every dots::(i - 1) using 3:(place($0, i)) \
             with points linetype i title name(i)
}
unset output
