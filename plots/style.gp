# What all figures share: colours that people who see few colours tell apart (Okabe and Ito 2008),
# a dash type beside each colour for print without any, and three kinds of file, all as wide as a
# column of text (3.5 inches).
set encoding utf8
set datafile separator comma

colours = "#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9 #000000 #999999"
colour(i) = word(colours, (i - 1) % words(colours) + 1)
do for [i = 1:8] {
    set linetype i linecolor rgb colour(i) linewidth 1.4 pointsize 0.5
}
set linetype 1 dashtype solid pointtype 7
set linetype 2 dashtype (9, 4) pointtype 5
set linetype 3 dashtype (3, 3) pointtype 9
set linetype 4 dashtype (9, 3, 2, 3) pointtype 11
set linetype 5 dashtype (18, 4) pointtype 13
set linetype 6 dashtype (5, 2, 5, 8) pointtype 6
set linetype 7 dashtype (1, 2) pointtype 4
set linetype 8 dashtype (12, 3, 2, 3, 2, 3) pointtype 8

set border 3 linewidth 0.6
set tics nomirror out scale 0.5
set key noenhanced samplen 3 spacing 1.05
set xlabel offset 0, 0.6
set style line 100 linecolor rgb "#cccccc" linewidth 0.5 dashtype solid # the grid's

# The letters of the longest word from the i-th on; a word in quotes may have spaces.
max(a, b) = a > b ? a : b
longest(list, i) = i > words(list) ? 0 : max(strlen(word(list, i)), longest(list, i + 1))

# For figures with a line of text before each row: the room that so many letters need, and a key in
# one row above the plot.
margin(letters) = 0.04 + 0.0172 * letters
row_key = "at screen 0.98, screen 0.985 right top vertical maxrows 1 samplen 1"

# The command for each kind of file, so many inches high: eval(terminal(kind, height)).
kinds = "svg pdf png"
terminal(kind, height) = \
    kind eq "svg" ? sprintf("set terminal svg dynamic size 336, %d background 'white' " . \
                            "linewidth 1.2 font 'Helvetica,Arial,sans-serif,10'", 96 * height) : \
    kind eq "pdf" ? sprintf("set terminal pdfcairo size 3.5in, %gin linewidth 1.4 " . \
                            "font 'Sans,8' fontscale 0.75", height) : \
    sprintf("set terminal pngcairo size 1050, %d linewidth 3.1 pointscale 3.1 " . \
            "font 'Sans,8' fontscale 3.1", 300 * height)
