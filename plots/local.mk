plotsdir = $(pkgdatadir)/plots
dist_plots_DATA = \
  plots/agreement.gp \
  plots/curve.gp \
  plots/distribution.gp \
  plots/dots.gp \
  plots/steps.gp \
  plots/style.gp
