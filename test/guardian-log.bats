# The daemon's log as functions (test/unit/log.c, which obeys a script): the format of its lines, and that it never waits.

bats_require_minimum_version 1.5.0
load helpers

UNITS=${UNITS:-$(realpath -m "$BATS_TEST_DIRNAME/../.build/musl/unit")}

# log LEVEL FORMAT [FILE] -- COMMAND...: obeys the commands. Times become T, random span ids S.
log() {
	local -a to=()

	while [ "$1" != -- ]; do
		to+=("$1")
		shift
	done
	shift
	printf '%s\n' "$@" | "$UNITS/log" "${to[@]}" |
		sed -E 's/^\{"timestamp":"[-0-9T:]{19}\.[0-9]{9}Z"/{T/; s/"span-id":"[0-9a-f]{16}"/S/'
}

# info COMMAND...: the same in the newer format from level info on.
info() {
	log info rfc3339 -- "$@"
}

# messages LEVEL COMMAND...: the last words of the messages that are written at a level.
messages() {
	local level=$1

	shift
	log "$level" rfc3339 -- "$@" | sed -E 's/.*"message":"guardian\.([^"]*)".*/\1/' | paste -sd ' '
}

# wait_for_end PID: its exit status.
wait_for_end() {
	eventually -t 20 gone_or_zombie "$1"
	wait "$1"
}

gone_or_zombie() {
	! alive "$1"
}

@test "log: a line has its keys in order" {
	run info "info started"
	assert_output '{T,"level":"info","source":"guardian","message":"guardian.started","data":{"n":1}}'
}

@test "log: the time is now, in UTC, with nine digits behind the second" {
	local before after time

	before=$(date -u +%Y-%m-%dT%H:%M:%S.%N)
	time=$(echo "info x" | TZ=Asia/Tokyo "$UNITS/log" info rfc3339 | jq -r .timestamp)
	after=$(date -u +%Y-%m-%dT%H:%M:%S.%N)
	assert_regex "$time" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}Z$'
	[[ "$before" < "$time" && "$time" < "${after}Z" ]]
}

@test "log: the older format has seconds, and a number for the level" {
	run log debug unix-epoch -- "debug a" "info b" "error c d" "fatal e f"
	assert_line -n 0 --regexp '^\{"timestamp":"[0-9]{10}\.[0-9]{9}","source":"guardian","message":"guardian.a","log_level":0,"data":\{"n":1\}\}$'
	assert_line -n 1 --regexp '"message":"guardian.b","log_level":1,'
	assert_line -n 2 --regexp '"message":"guardian.c","log_level":2,"data":\{"error":"d"\}\}$'
	assert_line -n 3 --regexp '"message":"guardian.e","log_level":3,"data":\{"error":"f","trace":'
}

@test "log: each logger gets the next number below its parent" {
	run info "begin start" "info a" "end" "begin api" "begin server" "info b" "begin create" "info c" "end" \
		"begin create" "info d" "end" "info e" "end" "begin connection" "info f" "end" "end" "begin run" "info g"
	assert_output - <<-'END'
		{T,"level":"info","source":"guardian","message":"guardian.start.a","data":{"n":1,"session":"1"}}
		{T,"level":"info","source":"guardian","message":"guardian.api.server.b","data":{"n":2,"session":"2.1"}}
		{T,"level":"info","source":"guardian","message":"guardian.api.server.create.c","data":{"n":3,"session":"2.1.1"}}
		{T,"level":"info","source":"guardian","message":"guardian.api.server.create.d","data":{"n":4,"session":"2.1.2"}}
		{T,"level":"info","source":"guardian","message":"guardian.api.server.e","data":{"n":5,"session":"2.1"}}
		{T,"level":"info","source":"guardian","message":"guardian.api.connection.f","data":{"n":6,"session":"2.2"}}
		{T,"level":"info","source":"guardian","message":"guardian.run.g","data":{"n":7,"session":"3"}}
	END
}

@test "log: fields are sorted, and inherited by loggers begun later" {
	run info "begin a" "add zone z" "add handle h" "begin b" "add handle i" "info x" "end" "info x" "end" "info x"
	assert_output - <<-'END'
		{T,"level":"info","source":"guardian","message":"guardian.a.b.x","data":{"handle":"i","n":1,"session":"1.1","zone":"z"}}
		{T,"level":"info","source":"guardian","message":"guardian.a.x","data":{"handle":"h","n":2,"session":"1","zone":"z"}}
		{T,"level":"info","source":"guardian","message":"guardian.x","data":{"n":3}}
	END
}

@test "log: a line's fields may be any JSON, in which only the outermost are sorted" {
	run info 'begin a' 'data {"z":[1,{"b":1,"a":null}],"request":{"Handle":"h","GraceTime":0},"n":null,"f":true,"d":0.5}'
	assert_output '{T,"level":"info","source":"guardian","message":"guardian.a.data","data":{"d":0.5,"f":true,"n":null,"request":{"Handle":"h","GraceTime":0},"session":"1","z":[1,{"b":1,"a":null}]}}'
}

@test "log: errors have their text, if there is one" {
	run info "error failed unknown handle: h" "error failed-to-destroy-container"
	assert_output - <<-'END'
		{T,"level":"error","source":"guardian","message":"guardian.failed","data":{"error":"unknown handle: h"}}
		{T,"level":"error","source":"guardian","message":"guardian.failed-to-destroy-container","data":{}}
	END
}

@test "log: a fatal line is the last, says where it comes from, and the program ends with 2" {
	run -2 "$UNITS/log" fatal rfc3339 < <(printf '%s\n' "begin a" "fatal dead no more" "error x y")
	assert_equal "${#lines[@]}" 1
	assert_output --regexp '"level":"fatal",.*"message":"guardian.a.dead","data":\{"error":"no more","session":"1","trace":"[^"]+:[0-9]+ [a-z_]+"\}\}$'
}

@test "log: what JSON cannot hold as it is" {
	run info 'data {"t":"a\"b\\c\n\t\u0001/<&>é\u2028"}'
	assert_output '{T,"level":"info","source":"guardian","message":"guardian.data","data":{"t":"a\"b\\c\n\t\u0001/\u003c\u0026\u003eé\u2028"}}'
	run info "bytes 41ff42c3a943e28244eda0804580f0"
	assert_output '{T,"level":"info","source":"guardian","message":"guardian.bytes","data":{"text":"A�BéC��D���E��"}}'
}

@test "log: levels" {
	local all=("debug d" "info i" "say 2 w" "error e x")

	assert_equal "$(messages debug "${all[@]}")" "d i warning e"
	assert_equal "$(messages info "${all[@]}")" "i warning e"
	assert_equal "$(messages warn "${all[@]}")" "warning e"
	assert_equal "$(messages error "${all[@]}")" "e"
	assert_equal "$(messages fatal "${all[@]}")" ""
}

@test "log: with level warn errors and fatal lines are written" {
	assert_equal "$(messages warn "info i" "error e x" "fatal f y")" "e f"
}

@test "log: the level can be changed while it runs" {
	assert_equal "$(messages info "debug a" "level debug" "debug b" "level error" "info c" "error d x" "level nonsense" \
		"info e" "level info" "info f")" "b d f"
	run "$UNITS/log" nonsense rfc3339 </dev/null
	assert_failure
	assert_output --partial "unknown log level nonsense"
}

@test "log: what operations say has a word for its level" {
	run log debug rfc3339 -- "say 0 a b" "say 1 c" "say 2 d" "say 3 e"
	assert_output - <<-'END'
		{T,"level":"debug","source":"guardian","message":"guardian.detail","data":{"message":"a b"}}
		{T,"level":"info","source":"guardian","message":"guardian.note","data":{"message":"c"}}
		{T,"level":"info","source":"guardian","message":"guardian.warning","data":{"message":"d"}}
		{T,"level":"error","source":"guardian","message":"guardian.failure","data":{"message":"e"}}
	END
}

@test "log: a request's trace id is a hexadecimal number with or without dashes" {
	local header trace

	while read -r header trace; do
		run info "begin r" "trace $header" "info x"
		assert_output --partial "\"data\":{\"n\":1,\"session\":\"1\"${trace:+,S,\"trace-id\":\"$trace\"}}}"
	done <<-'END'
		11111111-2222-3333-4444-555555555555 11111111222233334444555555555555
		ABCDEFabcdef0123456789 0000000000abcdefabcdef0123456789
		7b 000000000000007b
		1-2-3- 0000000000000123
		0123456789abcdef 0123456789abcdef
		00000000000000000123456789abcdef 0123456789abcdef
		ffffffffffffffffffffffffffffffff ffffffffffffffffffffffffffffffff
		fffffffffffffffffffffffffffffffff
		-
		0x12
		12g
	END
}

@test "log: each request has a span id of its own" {
	run "$UNITS/log" info rfc3339 < <(printf '%s\n' "begin a" "trace 1" "info x" "end" "begin b" "trace 1" "info x")
	assert_equal "$(grep -oE '"span-id":"[0-9a-f]{16}"' <<<"$output" | sort -u | wc -l)" 2
}

# Where the lines go -------------------------------------------------------------------------------------------------

@test "log: a file is appended to, and only its owner and group may read it" {
	echo before >"$BATS_TEST_TMPDIR/log"
	run log info rfc3339 "$BATS_TEST_TMPDIR/log" -- "info a"
	assert_output ""
	run cat "$BATS_TEST_TMPDIR/log"
	assert_line -n 0 before
	assert_line -n 1 --partial '"guardian.a"'
	(umask 0 && log info rfc3339 "$BATS_TEST_TMPDIR/new" -- "info a")
	assert_equal "$(stat -c %a "$BATS_TEST_TMPDIR/new")" 640
}

@test "log: a file that cannot be opened is a start error" {
	run "$UNITS/log" info rfc3339 /no/such/log </dev/null
	assert_failure
	assert_output --partial "open /no/such/log: no such file or directory"
}

@test "log: a file that was renamed is left when it is opened anew, and no line is lost" {
	local dir=$BATS_TEST_TMPDIR

	mkfifo "$dir/script"
	"$UNITS/log" info rfc3339 "$dir/log" <"$dir/script" 3>&- 4>&- &
	exec 9>"$dir/script"
	printf 'info a\nmark %s\n' "$dir/one" >&9
	eventually test -e "$dir/one"
	mv "$dir/log" "$dir/log.1"
	printf 'info b\nreopen\ninfo c\nmark %s\n' "$dir/two" >&9
	eventually test -e "$dir/two"
	mkdir "$dir/aside"
	mv "$dir/log" "$dir/aside/log"
	mkdir "$dir/log"
	printf 'reopen\ninfo d\n' >&9
	exec 9>&-
	wait_for_end $!
	assert_equal "$(jq -r .message "$dir/log.1" | paste -sd ' ')" "guardian.a guardian.b"
	assert_equal "$(jq -r .message "$dir/aside/log" | paste -sd ' ')" \
		"guardian.c guardian.log-reopen-failed guardian.d"
	assert_equal "$(jq -r 'select(.level == "error").data.error' "$dir/aside/log")" "open $dir/log: is a directory"
}

@test "log: opening anew does nothing to standard output" {
	assert_equal "$(messages info "info a" "reopen" "info b")" "a b"
}

# slow SCRIPT...: starts the script with a standard output that nobody reads: $dir/out, kept open by descriptor 8.
slow() {
	dir=$BATS_TEST_TMPDIR
	mkfifo "$dir/out"
	exec 8<>"$dir/out"
	printf '%s\n' "$@" >"$dir/script"
	"$UNITS/log" info rfc3339 <"$dir/script" >"$dir/out" 2>"$dir/err" 3>&- 4>&- 8>&- &
	pid=$!
}

# read_on: reads standard output to its end, into $dir/lines.
read_on() {
	exec 7<"$dir/out" # before 8 goes: there must be a reader at all times
	cat <&7 >"$dir/lines" 3>&- 4>&- 8>&- &
	reader=$!
	exec 7<&- 8>&-
}

@test "log: a reader who does not read holds nobody up, and gets every line later" {
	slow "flood 3000" "flush" "mark $BATS_TEST_TMPDIR/mark" "await $BATS_TEST_TMPDIR/go" "finish 10000"
	eventually test -e "$dir/mark"
	assert_equal "$(cat "$dir/err")" waiting
	read_on
	touch "$dir/go"
	wait_for_end $pid
	wait_for_end $reader
	assert_equal "$(tail -n 1 "$dir/err")" written
	assert_equal "$(jq -r .data.n "$dir/lines")" "$(seq 3000)"
}

@test "log: what is too much to keep is dropped by the line, and counted at the place of the gap" {
	slow "flood 20000" "mark $BATS_TEST_TMPDIR/mark" "await $BATS_TEST_TMPDIR/go" "finish 10000" "flood 10"
	eventually -t 20 test -e "$dir/mark"
	read_on
	touch "$dir/go"
	wait_for_end $pid
	wait_for_end $reader
	jq -r 'if .message == "guardian.log-lines-lost" then "\(.level) \(.data.lines)" else .data.n end' "$dir/lines" >"$dir/seen"
	assert_equal "$(grep -c error "$dir/seen")" 1
	local kept lost

	kept=$(($(grep -n error "$dir/seen" | cut -d: -f1) - 1))
	lost=$(sed -n 's/error //p' "$dir/seen")
	[ "$kept" -gt 5000 ]
	assert_equal $((kept + lost)) 20000
	assert_equal "$(head -n "$kept" "$dir/seen")" "$(seq "$kept")"
	assert_equal "$(tail -n 10 "$dir/seen")" "$(seq 20001 20010)"
}

@test "log: a reader that is gone costs lines, not the program" {
	run bash -c 'printf "%s\n" "flood 5" "error x y" | "$1" info rfc3339 | true; echo "${PIPESTATUS[1]}"' sh "$UNITS/log"
	assert_output 0
}

@test "log: when a full file system has room again the lost lines are counted, behind a whole line" {
	dir=$BATS_TEST_TMPDIR/full
	mkdir "$dir"
	# A mount namespace of its own: nothing is left of it. One page is room for some thirty lines.
	run -0 unshare -m bash -c '
		mount -t tmpfs -o size=8k none "$1"
		head -c 4000 /dev/zero >"$1/ballast"
		printf "%s\n" "flood 60" "mark $2/mark" "await $2/go" "info a" "info b" >"$2/script"
		"$3" info rfc3339 "$1/log" <"$2/script" &
		until [ -e "$2/mark" ]; do sleep 0.02; done
		rm "$1/ballast"
		touch "$2/go"
		wait
		cat "$1/log"' sh "$dir" "$BATS_TEST_TMPDIR" "$UNITS/log"
	echo "$output" | grep -v '^{.*}$' >"$BATS_TEST_TMPDIR/torn" || true
	echo "$output" | grep '^{.*}$' >"$BATS_TEST_TMPDIR/whole"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/torn")" -le 1 ]
	run jq -r 'if .message == "guardian.log-lines-lost" then .data.lines else .message end' "$BATS_TEST_TMPDIR/whole"
	local count=${#lines[@]}

	assert_equal "${lines[count - 2]} ${lines[count - 1]}" "guardian.a guardian.b"
	assert_equal $((count - 3 + lines[count - 3])) 60
}

# Workers ------------------------------------------------------------------------------------------------------------

@test "log: a worker's lines go through its own channel, and not what the daemon keeps" {
	slow "flood 3000" "worker" "begin w" "info mine"
	wait_for_end $pid
	assert_equal "$(jq -r '.message + " " + .data.session' "$dir/err")" "guardian.w.mine 1"
	exec 8>&-
}
