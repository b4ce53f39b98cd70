# Makes statistics.cases, which check_statistics.c compares ours with:
#     Rscript tests/report/statistics.R > tests/report/statistics.cases
# R is not needed to build, run or test seki.

say <- function(name, ..., gives) {
    inputs <- vapply(list(...), function(x) paste(format(x, digits = 15, trim = TRUE),
                                                  collapse = " "), "")
    cat(name, paste(inputs, collapse = " ; "), sep = ": ")
    cat(" =", format(gives, digits = 12, trim = TRUE), "\n")
}

cat("# Printed by tests/report/statistics.R, ", R.version.string, ".\n", sep = "")
cat("# A line: what is computed, its inputs parted by semicolons, and what R gives.\n")

before <- c(1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30)      # ?wilcox.test
after <- c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)
at_term <- c(0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46)
earlier <- c(1.15, 0.88, 0.90, 0.74, 1.21)
tied <- c(91.2, 91.2, 90.8, 91.5, 91.1, 90.8, 91.3, 90.1)
other <- c(91.0, 91.2, 90.9, 91.2, 91.4, 90.2, 91.0, 90.0)
set.seed(1)
many <- round(rnorm(60, 91, 0.4), 2)
more <- round(rnorm(60, 91.2, 0.3), 2)

# -- tests --
paired <- function(a, b) wilcox.test(round(a - b, 9))$p.value # so that equal ones are equal
unpaired <- function(a, b) wilcox.test(a, b)$p.value
say("signed-rank p", before, after, gives = paired(before, after))
say("signed-rank p", many, more, gives = suppressWarnings(paired(many, more)))
say("rank-sum p", at_term, earlier, gives = unpaired(at_term, earlier))
say("rank-sum p", earlier, at_term, gives = unpaired(earlier, at_term))
p <- c(0.001, 0.04, 0.03, 0.005, 0.6, 0.03)
say("holm", p, gives = p.adjust(p, "holm"))

# -- effect sizes --
rank_biserial <- function(a, b) {
    d <- round(a - b, 9)
    d <- d[d != 0]
    r <- rank(abs(d))
    (sum(r[d > 0]) - sum(r[d < 0])) / sum(r)
}
cliffs_delta <- function(a, b) mean(sign(outer(a, b, "-")))
for (pair in list(list(before, after), list(after, before), list(tied, other), list(many, more)))
    say("rank-biserial", pair[[1]], pair[[2]], gives = rank_biserial(pair[[1]], pair[[2]]))
for (pair in list(list(at_term, earlier), list(earlier, at_term), list(tied, other),
                  list(many, tied)))
    say("cliffs-delta", pair[[1]], pair[[2]], gives = cliffs_delta(pair[[1]], pair[[2]]))

# -- shares and quantiles --
wilson <- function(hits, count, level)
    as.vector(suppressWarnings(prop.test(hits, count, conf.level = level, correct = FALSE))$conf.int)
for (x in list(c(0, 5), c(2, 2), c(1, 3), c(37, 500), c(500, 500)))
    say("wilson", x, 0.95, gives = wilson(x[1], x[2], 0.95))
say("wilson", c(9, 10), 0.9, gives = wilson(9, 10, 0.9))
for (share in c(0, 0.05, 0.25, 0.5, 0.975, 1))
    say("quantile", tied, share, gives = as.vector(quantile(tied, share)))

# -- bootstrap: BCa over all resamples that there are, and over many drawn ones --
bca <- function(resampled, estimate, influence, level) {
    below <- mean(resampled < estimate - 1e-9) + mean(abs(resampled - estimate) <= 1e-9) / 2
    z0 <- qnorm(below)
    a <- sum(influence^3) / (6 * sum(influence^2)^1.5)
    z <- qnorm(c((1 - level) / 2, (1 + level) / 2))
    as.vector(quantile(resampled, pnorm(z0 + (z0 + z) / (1 - a * (z0 + z)))))
}
all_means <- function(x) rowMeans(as.matrix(expand.grid(rep(list(x), length(x)))))
shares <- function(x) (x - mean(x)) / length(x)
skewed <- c(0.1, 0.3, 0.2, 2.5, 0.4)
for (x in list(skewed, -skewed, c(0.5, -0.25, 0.125, 0.75)))
    for (level in c(0.9, 0.95))
        say("bca of all", x, level, gives = bca(all_means(x), mean(x), shares(x), level))

drawn <- function(x, count) replicate(count, mean(sample(x, replace = TRUE)))
count <- 200000
x <- round(tied - other, 9)
say("bootstrap", x, 0.95, gives = bca(drawn(x, count), mean(x), shares(x), 0.95))
x <- c(skewed, 0.15, 1.2, 0.05)
say("bootstrap", x, 0.95, gives = bca(drawn(x, count), mean(x), shares(x), 0.95))
say("bootstrap difference", at_term, earlier, 0.95,
    gives = bca(drawn(at_term, count) - drawn(earlier, count), mean(at_term) - mean(earlier),
                c(shares(at_term), -shares(earlier)), 0.95))
say("bootstrap difference", x, earlier, 0.9,
    gives = bca(drawn(x, count) - drawn(earlier, count), mean(x) - mean(earlier),
                c(shares(x), -shares(earlier)), 0.9))
