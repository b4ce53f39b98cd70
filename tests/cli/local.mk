dist_check_SCRIPTS += tests/cli/check_import.sh tests/cli/check_query.sh
dist_check_SCRIPTS += tests/cli/check_check.sh tests/cli/check_doctor.sh tests/cli/check_schema.sh
dist_check_SCRIPTS += tests/cli/check_bad_input.sh tests/cli/check_network.sh
EXTRA_DIST += tests/cli/example.expected tests/cli/unusable.json
dist_check_SCRIPTS += tests/cli/check_completion.sh tests/cli/check_man.sh
dist_check_SCRIPTS += tests/cli/check_doctor_llm.sh
tests/cli/check_doctor_llm.log: tests/run/server$(EXEEXT)
