# What the tests of depotctl share. Sourced after helpers.bash.

# A container for all tests of a file; `create` makes further ones.
depotctl_setup_file() {
	depot_begin
	create
	SHARED=$handle
	export SHARED
}

# refuse MESSAGE ARGS...: depotctl says exactly MESSAGE about ARGS, exits with 125, and leaves the depot as it was.
refuse() {
	local message=$1 before

	shift
	before=$(find "$DEPOT" | sort)
	run depotctl "$@" </dev/null
	assert_failure 125
	assert_line "depotctl: $message"
	assert_equal "$(find "$DEPOT" | sort)" "$before"
}

# background ARGS...: depotctl itself, not a subshell, in the background as $pid; its output is in $SCRATCH/out and err. The
# shell would have it ignore INT and QUIT.
background() {
	env --default-signal=INT,QUIT "$BIN/depotctl" --depot "$DEPOT" "$@" \
		</dev/null >"$SCRATCH/out" 2>"$SCRATCH/err" 3>&- 4>&- &
	pid=$!
}

# ended PID: waits for it; its status is in $status.
ended() {
	status=0
	wait "$1" || status=$?
}

said() {
	grep -q "$1" "$SCRATCH/out"
}

state_is() {
	[ "$(process_state "$1")" = "$2" ]
}
