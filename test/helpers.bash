# What the bats files share: a depot and a root filesystem of their own, containers that are sure to go, waiting with a
# deadline, and a look for what was left. A file that starts containers says:
#
#	load helpers
#	setup_file() { depot_begin; }
#	teardown_file() { depot_end; }
#	teardown() { destroy_all; }

BIN=${BIN:-$(realpath "$BATS_TEST_DIRNAME/../bin")}
TOOLS=${TOOLS:-$(realpath -m "$BATS_TEST_DIRNAME/../.build/test")}
GDN_TEST_RUN=${GDN_TEST_RUN:-t$$}
export BIN TOOLS GDN_TEST_RUN

BATS_LIB_PATH=${BATS_LIB_PATH:-/usr/lib/bats:/usr/lib}
bats_load_library bats-support
bats_load_library bats-assert
# shellcheck source=test/leaks.bash
. "$BATS_TEST_DIRNAME/leaks.bash"
# shellcheck source=test/rootfs.bash
. "$BATS_TEST_DIRNAME/rootfs.bash"
# shellcheck source=test/waiting.bash
. "$BATS_TEST_DIRNAME/waiting.bash"

# depot_begin: a scratch directory of this file's own (SCRATCH), with a depot (DEPOT) and a root filesystem (ROOTFS).
depot_begin() {
	SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/$GDN_TEST_RUN.XXXXXX")
	DEPOT=$SCRATCH/depot
	ROOTFS=$SCRATCH/rootfs
	export SCRATCH DEPOT ROOTFS
	chmod 755 "$SCRATCH"
	mkdir "$DEPOT"
	make_rootfs "$ROOTFS"
	leaks_state "$GDN_TEST_RUN" >"$SCRATCH/machine"
}

# depot_end: destroys what is left, and fails if anything of it stays.
depot_end() {
	local status=0

	destroy_all || status=1
	refute_leaks || status=1
	rm -rf "$SCRATCH"
	return $status
}

# depotctl ARGS...: the program, on this file's depot. Without bats' own descriptors, which a shim would hold open.
depotctl() {
	"$BIN/depotctl" --depot "$DEPOT" "$@" 3>&- 4>&-
}

# create [ARGS...]: a container whose handle is in $handle and carries the tag of this run.
create() {
	handle=$GDN_TEST_RUN-$BATS_TEST_NUMBER-$RANDOM
	depotctl create --handle "$handle" --rootfs "$ROOTFS" "$@" >/dev/null
}

# destroy_all: every container of this file's depot, those half removed ("HANDLE~") too.
destroy_all() {
	local path name status=0

	for path in "$DEPOT"/*; do
		name=${path##*/}
		[ ! -e "$path" ] || depotctl destroy "${name%%~*}" || status=1
	done
	return $status
}

# refute_leaks: nothing that carries this run's tag is on the machine that was not there at depot_begin.
refute_leaks() {
	local left

	left=$(leaks_since "$SCRATCH/machine" "$GDN_TEST_RUN")
	[ -z "$left" ] || {
		printf 'left on the machine:\n%s\n' "$left" >&2
		return 1
	}
}

# process_dir ID: its directory in the depot.
process_dir() {
	echo "$DEPOT/$handle/processes/$1"
}

# process_state ID: as depotctl sees it.
process_state() {
	depotctl --json ps "$handle" | jq -r --arg id "$1" '.[] | select(.id == $id) | .state'
}

# process_is ID STATE
process_is() {
	[ "$(process_state "$1")" = "$2" ]
}
