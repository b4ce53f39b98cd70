dist_check_SCRIPTS += tests/cli/check_import.sh tests/cli/check_query.sh
