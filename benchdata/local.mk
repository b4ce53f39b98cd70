benchdatadir = $(pkgdatadir)/benchdata
dist_benchdata_DATA = \
  benchdata/nas-bench-201.columns.csv \
  benchdata/nas-bench-201.h5 \
  benchdata/nats-bench.columns.csv \
  benchdata/transnas-bench-101.columns.csv \
  benchdata/transnas-bench-101.h5 \
  benchdata/README.md

# Transcripts and trainings come with the studies, many at a time: they are found, not named.
TRANSCRIPTS = benchdata/transcripts/*/*.jsonl.zst
TRAININGS = benchdata/trainings/*.jsonl.zst
install-data-local:
	@for file in `cd $(srcdir) && ls $(TRANSCRIPTS) $(TRAININGS) 2>/dev/null`; do \
	  $(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/`dirname $$file`" && \
	  $(INSTALL_DATA) "$(srcdir)/$$file" "$(DESTDIR)$(pkgdatadir)/$$file" || exit; \
	done
uninstall-local:
	rm -rf '$(DESTDIR)$(benchdatadir)/transcripts' '$(DESTDIR)$(benchdatadir)/trainings'
