# Run and attach: the duplex streams of the daemon, what every message does, and whose bytes go where.

bats_require_minimum_version 1.5.0
load helpers
load guardian

setup_file() {
	depot_begin
	head -c 1M /dev/urandom | base64 -w 0 >"$ROOTFS/data" # content whose order shows
	start_guardian --client-stall-limit 2s
}
teardown_file() { guardian_end; }
setup() {
	[ -e "$SCRATCH/left" ] || leave_output
	new
}
teardown() { destroy_all; }

HEAD=$'HTTP/1.1 201 Created\\r\nContent-Type: application/json\\r\nDate: now\\r\nTransfer-Encoding: chunked\\r\n\\r'

# post JSON [VERSION]: the request of a run, as bytes.
post() {
	printf 'POST /containers/%s/processes HTTP/%s\r\nHost: api\r\nContent-Length: %d\r\n\r\n%s' "$handle" "${2:-1.1}" "${#1}" "$1"
}

# stream_id FILE: that of the first message.
stream_id() {
	sed -n 's/.*"stream_id":"\([0-9]*\)".*/\1/p' "$1"
}

# fetch ID STREAM NAME: an output, as bytes.
fetch() {
	printf 'GET /containers/%s/processes/%s/attaches/%s/%s HTTP/1.1\r\nHost: api\r\n\r\n' "$handle" "$1" "$2" "$3" | raw --deadline 10
}

started() {
	[ -e "$DEPOT/$handle/processes/$1/pidfile" ]
}

lines_of() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# leave_output: a process ends whose output nobody has fetched; the last but one test comes for it, when its time is over.
leave_output() {
	new
	garden run "$handle" "$(sh_json 'echo left' 'id: "left"')" --no-stdout --no-stderr --messages "$BATS_TEST_TMPDIR/left"
	echo "$handle $(stream_id "$BATS_TEST_TMPDIR/left") $(now)" >"$SCRATCH/left"
}

# now: seconds since the machine was started.
now() {
	cut -d. -f1 /proc/uptime
}

has_let_go() {
	[ -z "$(find "/proc/$(guardian_pid)/fd" -lname "*$handle*")" ]
}

# --- The handshake, byte by byte ---

@test "run: one head, then bare messages, then the end" {
	run raw < <(post '{"path":"true","id":"p"}')
	assert_success
	assert_line -n 0 'HTTP/1.1 201 Created\r'
	[[ $output =~ ^"$HEAD"$'\n''{"process_id":"p","stream_id":"'[0-9]+'"}'$'\n''{"process_id":"p","exit_status":0}'$ ]]
}

@test "run: without an id makes one up" {
	run raw < <(post '{"path":"true"}')
	[[ $output =~ \"process_id\":\"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\" ]]
}

@test "attach: the same with 200" {
	garden run "$handle" '{"path":"true","id":"p"}'
	run raw < <(printf 'GET /containers/%s/processes/p HTTP/1.1\r\nHost: api\r\n\r\n' "$handle")
	assert_success
	[[ $output =~ ^"${HEAD/201 Created/200 OK}"$'\n''{"process_id":"p","stream_id":"'[0-9]+'"}'$'\n''{"process_id":"p","exit_status":0}'$ ]]
}

@test "outputs: a head without a type, then bare bytes" {
	garden run "$handle" "$(sh_json 'printf "out\0\n"; echo err >&2' 'id: "p"')" --no-stdout --no-stderr --messages "$BATS_TEST_TMPDIR/messages"
	run fetch p "$(stream_id "$BATS_TEST_TMPDIR/messages")" stderr
	assert_success
	assert_output $'HTTP/1.1 200 OK\\r\nDate: now\\r\nTransfer-Encoding: chunked\\r\n\\r\nerr'
	fetch p "$(stream_id "$BATS_TEST_TMPDIR/messages")" stdout >"$BATS_TEST_TMPDIR/out"
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/out" | od -An -c | tr -d ' ')" = 'out\0\n' ]
}

@test "run: a failure leaves the connection as it was" {
	run raw < <(post '{"path":"nope"}'; sleep 0.5; printf 'GET /ping HTTP/1.1\r\nHost: api\r\n\r\n')
	assert_equal "$status" 1
	assert_line -n 0 'HTTP/1.1 500 Internal Server Error\r'
	assert_line --partial ExecutableNotFoundError
	assert_line 'HTTP/1.1 200 OK\r'
	refute_line --partial 'Connection:'
}

@test "run: Connection: close is said back; HTTP/1.0 hears of no chunks" {
	run raw < <(printf 'POST /containers/%s/processes HTTP/1.1\r\nHost: api\r\nConnection: close\r\nContent-Length: 15\r\n\r\n{"path":"true"}' "$handle")
	assert_success
	assert_line -n 3 'Connection: close\r'
	assert_line -n 4 'Transfer-Encoding: chunked\r'
	assert_line --partial '"exit_status":0'
	run raw < <(post '{"path":"true"}' 1.0)
	assert_success
	assert_line -n 0 'HTTP/1.0 201 Created\r'
	refute_line --partial Transfer-Encoding
	assert_line --partial '"exit_status":0'
}

@test "run: a chunked body, and input right behind it in the same packet" {
	run raw < <(printf 'POST /containers/%s/processes HTTP/1.1\r\nHost: api\r\nTransfer-Encoding: chunked\r\n\r\n25\r\n{"path":"sh","args":["-c","exit $(cat)"]}\r\n0\r\n\r\n{"source":0,"data":"7"}{"source":0}' "$handle" |
		sed 's/^25/29/')
	assert_success
	assert_line --partial '"exit_status":7'
}

@test "run: input in the same packet as the request" {
	run raw < <(post "$(sh_json 'exit $(cat)')"; printf '{"source":0,"data":"4"}{"source":0,"data":"2"}{"source":0}')
	assert_success
	assert_line --partial '"exit_status":42'
}

# --- Messages ---

# status_of MESSAGES...: what cat said and how it ended, when these come 200 ms apart.
status_of() {
	local options=() at=100 message

	for message; do
		options+=(--send-after "$at:$message")
		at=$((at + 150))
	done
	run garden run "$handle" "$(sh_json 'cat; exit 5')" --deadline 5 "${options[@]}"
}

@test "messages: data goes to stdin, and its absence is the end" {
	status_of '{"process_id":"x","source":0,"data":"a\u00f6\ud83d\ude00\n"}' '{"source":0}'
	assert_equal "$status" 5
	assert_output $'a\u00f6\U1f600'
	status_of '{"source":0,"data":""}' '{"source":0,"data":null}'
	assert_equal "$status" 5
	assert_output ''
	status_of '{"SOURCE":2,"Data":"any source"}' '{"source":1}'
	assert_equal "$status" 5
	assert_output 'any source'
	status_of '{"data":"data first","source":0}' '{"source":0}'
	assert_output 'data first'
}

@test "messages: white space and cuts anywhere mean nothing" {
	status_of $' \n{"sour' $'ce":0,"data":"a\\ud8' $'3d\\ude00"}\n\n\t' '{"source":0,' '"data":null}'
	assert_equal "$status" 5
	assert_output $'a\U1f600'
}

@test "messages: NUL, quotes, lone surrogates" {
	run garden run "$handle" '{"path":"od","args":["-An","-tx1"]}' --send-after '50:{"source":0,"data":"\u0000\"\\\/\b\u001f\ud800x"}' \
		--send-after '60:{"source":0}'
	assert_output ' 00 22 5c 2f 08 1f ef bf bd 78'
}

@test "messages: an unknown signal and an empty object end stdin" {
	status_of '{"signal":9}'
	assert_equal "$status" 5
	status_of '{}'
	assert_equal "$status" 5
	status_of '{"process_id":"x"}'
	assert_equal "$status" 5
	status_of $'null\n'
	assert_equal "$status" 5
}

@test "messages: garbage, a wrong type and a half-closed connection are a client who has left" {
	local message

	for message in garbage '{"source":"x"}' '{"source":0,"data":5}' '[]' '5 ' '{"tty":1}' '{"signal":"KILL"}'; do
		run garden run "$handle" "$(sh_json 'cat >/dev/null; sleep 0.2; echo went on >/tmp/left')" --deadline 5 --send-after "50:$message"
		assert_equal "$status" 122
	done
	run garden run "$handle" "$(sh_json 'cat >/dev/null; exit 6' 'id: "p"')" --deadline 5 --half-close 50
	assert_equal "$status" 122
	eventually has_ended p
	[ "$(cat "$DEPOT/$handle/processes/p/exitcode")" = 6 ]
	run garden run "$handle" '{"path":"cat","args":["/tmp/left"]}'
	assert_output 'went on'
}

@test "messages: signals terminate and kill, by the process's own status" {
	run garden run "$handle" "$(sh_json 'trap "echo term; exit 42" TERM; while :; do sleep 0.05; done')" --signal-after 200:0
	assert_equal "$status" 42
	assert_output term
	run garden run "$handle" '{"path":"sleep","args":["100"]}' --signal-after 50:0
	assert_equal "$status" 143
	run garden run "$handle" '{"path":"sleep","args":["100"]}' --signal-after 50:1
	assert_equal "$status" 137
}

@test "messages: after the end of stdin signals are heard, and a half-closed connection is no client who has left" {
	run garden run "$handle" '{"path":"sleep","args":["100"]}' --send-after '50:{"source":0}' --signal-after 150:1
	assert_equal "$status" 137
	run garden run "$handle" "$(sh_json 'cat; sleep 0.5; exit 3')" --send-after '50:{"source":0}' --half-close 150
	assert_equal "$status" 3
	run garden run "$handle" "$(sh_json 'cat; sleep 0.5; exit 3')" --send-after '50:{"source":0}' --send-after '150:garbage'
	assert_equal "$status" 3
}

@test "stdin: 8 MiB arrive whole" {
	cat "$ROOTFS/data"{,,,,,} | head -c 8000000 >"$BATS_TEST_TMPDIR/input"
	run garden run "$handle" '{"path":"md5sum"}' --input <"$BATS_TEST_TMPDIR/input"
	assert_success
	assert_output "$(md5sum <"$BATS_TEST_TMPDIR/input")"
}

@test "stdin: one message of 8 MiB arrives whole, and the daemon stays small" {
	local before

	before=$(resident)
	{
		post '{"path":"md5sum","id":"p"}'
		printf '{"source":0,"data":"'
		cat "$ROOTFS/data"{,,,,,} | head -c 8000000
		printf '"}{"source":0}'
	} | garden raw >"$BATS_TEST_TMPDIR/reply"
	grep -q '"exit_status":0' "$BATS_TEST_TMPDIR/reply"
	run fetch p "$(stream_id "$BATS_TEST_TMPDIR/reply")" stdout
	assert_line "$(cat "$ROOTFS/data"{,,,,,} | head -c 8000000 | md5sum)"
	[ $(($(resident) - before)) -lt 2048 ]
}

@test "stdin: one that nobody reads holds up only its own client" {
	head -c 300000 "$ROOTFS/data" | garden run "$handle" '{"path":"sleep","args":["1"],"id":"p"}' --input --deadline 10 &
	client=$!
	eventually started p
	run garden run "$handle" '{"path":"echo","args":["other"]}'
	assert_output other
	wait "$client"
}

# --- Outputs ---

@test "outputs: each to its own, and the exit status" {
	run --separate-stderr garden run "$handle" "$(sh_json 'echo out; echo err >&2; exit 9')"
	assert_equal "$status" 9
	assert_equal "$output" out
	assert_equal "$stderr" err
}

@test "outputs: all 256 MiB of two streams at once, whole and in order" {
	garden run "$handle" "$(sh_json 'i=0; while [ $i -lt 96 ]; do cat /data >&2; i=$((i+1)); done & i=0; while [ $i -lt 96 ]; do cat /data; i=$((i+1)); done; wait')" \
		--deadline 40 2> >(md5sum >"$BATS_TEST_TMPDIR/err") > >(md5sum >"$BATS_TEST_TMPDIR/out")
	expected=$(for _ in {1..96}; do cat "$ROOTFS/data"; done | md5sum)
	eventually test -s "$BATS_TEST_TMPDIR/err"
	eventually test -s "$BATS_TEST_TMPDIR/out"
	[ "$(cat "$BATS_TEST_TMPDIR/out")" = "$expected" ]
	[ "$(cat "$BATS_TEST_TMPDIR/err")" = "$expected" ]
}

@test "outputs: fetched after the end they have what was still there, once" {
	garden run "$handle" "$(sh_json 'echo late-out; echo late-err >&2' 'id: "p"')" --no-stdout --no-stderr --messages "$BATS_TEST_TMPDIR/messages"
	local stream

	stream=$(stream_id "$BATS_TEST_TMPDIR/messages")
	run fetch p "$stream" stdout
	assert_success
	assert_line late-out
	run fetch p "$stream" stdout
	assert_success
	assert_line -n 0 'HTTP/1.1 200 OK\r'
	refute_line late-out
	run fetch p "$stream" stderr
	assert_line late-err
}

@test "outputs: an unknown stream is a head and the end" {
	local id

	garden run "$handle" '{"path":"sleep","args":["100"],"id":"p"}' --leave 300 --messages "$BATS_TEST_TMPDIR/messages" &
	eventually test -s "$BATS_TEST_TMPDIR/messages"
	for id in 99999 abc 0 -1; do
		run fetch p "$id" stdout
		assert_success
		assert_output $'HTTP/1.1 200 OK\\r\nDate: now\\r\nTransfer-Encoding: chunked\\r\n\\r'
	done
	run fetch other "$(stream_id "$BATS_TEST_TMPDIR/messages")" stdout # of another process
	assert_success
	wait
}

@test "outputs: two who fetch the same stream share it" {
	local stream

	garden run "$handle" "$(sh_json 'sleep 1; cat /data /data' 'id: "p"')" --no-stdout --messages "$BATS_TEST_TMPDIR/messages" &
	client=$!
	eventually test -s "$BATS_TEST_TMPDIR/messages"
	stream=$(stream_id "$BATS_TEST_TMPDIR/messages")
	for i in 1 2; do
		printf 'GET /containers/%s/processes/p/attaches/%s/stdout HTTP/1.1\r\nHost: api\r\n\r\n' "$handle" "$stream" |
			garden raw --deadline 10 --idle 5000 >"$BATS_TEST_TMPDIR/share$i" &
	done
	wait "$client"
	eventually shares_are_complete
	[ "$(stat -c %s "$BATS_TEST_TMPDIR/share1")" -gt 100 ]
	[ "$(stat -c %s "$BATS_TEST_TMPDIR/share2")" -gt 100 ]
	wait
}

shares_are_complete() {
	local head=87 # HTTP/1.1 200 OK, Date, Transfer-Encoding, and what ends them

	head=$(sed '/^\r$/q' "$BATS_TEST_TMPDIR/share1" | wc -c)
	[ $(($(cat "$BATS_TEST_TMPDIR"/share? | wc -c) - 2 * head)) -eq $((2 * $(stat -c %s "$ROOTFS/data"))) ]
}

@test "outputs: one that nobody fetches stops nobody, and is void afterwards" {
	run garden run "$handle" "$(sh_json 'cat /data /data; exit 4' 'id: "p"')" --no-stdout --deadline 10 --messages "$BATS_TEST_TMPDIR/messages"
	assert_equal "$status" 4
	run fetch p "$(stream_id "$BATS_TEST_TMPDIR/messages")" stdout
	assert_success
	assert_output $'HTTP/1.1 200 OK\\r\nDate: now\\r\nTransfer-Encoding: chunked\\r\n\\r'
}

@test "outputs: what is fetched late, but in time, is whole" {
	run garden run "$handle" "$(sh_json 'cat /data; exit 4' 'id: "p"')" --fetch-after 700
	assert_equal "$status" 4
	[ "$output" = "$(cat "$ROOTFS/data")" ]
}

@test "outputs: a background child that holds stdout holds up the last message" {
	local began=$SECONDS

	garden run "$handle" "$(sh_json 'sleep 2 & exit 8' 'id: "p"')" --messages "$BATS_TEST_TMPDIR/messages" &
	client=$!
	eventually has_ended p
	sleep 0.2
	[ "$(grep -c . "$BATS_TEST_TMPDIR/messages")" -eq 1 ]
	await "$client"
	assert_equal "$status" 8
	[ $((SECONDS - began)) -ge 1 ]
}

@test "terminal: all on stdout, with its size, changed while it runs" {
	run --separate-stderr garden run "$handle" "$(sh_json 'stty size; trap "stty size; exit 7" WINCH; echo ready >&2; while :; do sleep 0.1; done' \
		'tty: {window_size: {columns: 120, rows: 40}}')" --window-after 500:90x30
	assert_equal "$status" 7
	assert_equal "$output" $'40 120\r\nready\r\n30 90\r'
	assert_equal "$stderr" ''
}

@test "terminal: 24 lines of 80 unless told otherwise, input echoed" {
	run garden run "$handle" "$(sh_json 'stty size; read line; echo "got $line"' 'tty: {}')" --send-after '200:{"source":0,"data":"hello\n"}'
	assert_success
	assert_line -n 0 $'24 80\r'
	assert_line -n 1 $'hello\r'
	assert_line -n 2 $'got hello\r'
}

# --- Clients ---

@test "attached clients: each has every byte from when it came, any may write, all hear the end" {
	local i clients=()

	garden run "$handle" "$(sh_json 'read go; i=0; while [ $i -lt 40 ]; do cat /data; i=$((i+1)); done; exit 11' 'id: "p"')" >"$BATS_TEST_TMPDIR/0" &
	clients+=($!)
	eventually started p
	for i in 1 2 3 4; do
		garden attach "$handle" p --messages "$BATS_TEST_TMPDIR/messages$i" >"$BATS_TEST_TMPDIR/$i" &
		clients+=($!)
	done
	for i in 1 2 3 4; do
		eventually test -s "$BATS_TEST_TMPDIR/messages$i"
	done
	garden attach "$handle" p --send-after '500:{"source":0,"data":"go\n"}' >"$BATS_TEST_TMPDIR/5" &
	clients+=($!)
	for i in "${clients[@]}"; do
		await "$i"
		assert_equal "$status" 11
	done
	for _ in {1..40}; do cat "$ROOTFS/data"; done >"$BATS_TEST_TMPDIR/expected"
	for i in {0..5}; do
		cmp "$BATS_TEST_TMPDIR/$i" "$BATS_TEST_TMPDIR/expected"
	done
}

@test "attached clients: one that leaves takes nothing from the others, and stdin stays open for them" {
	garden run "$handle" "$(sh_json 'cat; exit 12' 'id: "p"')" --leave 600 >"$BATS_TEST_TMPDIR/first" &
	eventually started p
	run garden attach "$handle" p --send-after '1200:{"source":0,"data":"still here"}' --send-after '1300:{"source":0}'
	assert_equal "$status" 12
	assert_output 'still here'
}

@test "a client that leaves: the process sees the end of its input and goes on, and can be joined again" {
	garden run "$handle" "$(sh_json 'cat; echo ended; sleep 1; echo later; exit 6' 'id: "p"')" --leave 200 --send-after '50:{"source":0,"data":"x\n"}' >"$BATS_TEST_TMPDIR/out"
	[ "$(head -n 1 "$BATS_TEST_TMPDIR/out")" = x ]
	run garden attach "$handle" p
	assert_equal "$status" 6
	assert_line later
}

@test "a client that leaves never holds up the process" {
	garden run "$handle" "$(sh_json 'cat /data /data /data; exit 3' 'id: "p"')" --stall-stdout --leave 300
	eventually has_ended p
	[ "$(cat "$DEPOT/$handle/processes/p/exitcode")" = 3 ]
}

@test "a slow client has all of 1 GiB, and the daemon stays small meanwhile" {
	local before most=0 now

	before=$(resident)
	garden run "$handle" "$(sh_json 'i=0; while [ $i -lt 768 ]; do cat /data; i=$((i+1)); done; exit 13')" \
		--slow 1048576:3145728 --deadline 60 > >(md5sum >"$BATS_TEST_TMPDIR/sum") &
	client=$!
	while kill -0 "$client" 2>/dev/null; do
		now=$(resident)
		[ "$now" -le "$most" ] || most=$now
		sleep 0.2
	done
	await "$client"
	assert_equal "$status" 13
	eventually test -s "$BATS_TEST_TMPDIR/sum"
	[ "$(cat "$BATS_TEST_TMPDIR/sum")" = "$(for _ in {1..768}; do cat "$ROOTFS/data"; done | md5sum)" ]
	[ $((most - before)) -lt 1024 ]
}

@test "a stuck client is cut off with a reason, and the others have everything" {
	local i

	garden run "$handle" "$(sh_json 'read go; i=0; while [ $i -lt 20 ]; do cat /data; i=$((i+1)); done; exit 14' 'id: "p"')" >"$BATS_TEST_TMPDIR/good" &
	good=$!
	eventually started p
	garden attach "$handle" p --stall-stdout --deadline 20 2>"$BATS_TEST_TMPDIR/reason" --messages "$BATS_TEST_TMPDIR/stuck.messages" &
	stuck=$!
	eventually test -s "$BATS_TEST_TMPDIR/stuck.messages"
	garden attach "$handle" p --send-after '100:{"source":0,"data":"go\n"}' >"$BATS_TEST_TMPDIR/good2" &
	good2=$!
	await "$stuck"
	assert_equal "$status" 123
	grep -q '"error":"stdout: ' "$BATS_TEST_TMPDIR/reason"
	await "$good"
	assert_equal "$status" 14
	await "$good2"
	assert_equal "$status" 14
	for _ in {1..20}; do cat "$ROOTFS/data"; done >"$BATS_TEST_TMPDIR/expected"
	cmp "$BATS_TEST_TMPDIR/good" "$BATS_TEST_TMPDIR/expected"
	cmp "$BATS_TEST_TMPDIR/good2" "$BATS_TEST_TMPDIR/expected"
}

@test "200 processes are attached at once, and each is told its own end" {
	local i clients=()

	for i in {1..200}; do
		garden run "$handle" "$(printf '{"path":"sh","args":["-c","read go; echo $go; exit %d"],"id":"p%d"}' $((i % 100)) "$i")" \
			--deadline 90 --messages "$BATS_TEST_TMPDIR/m$i" >"$BATS_TEST_TMPDIR/o$i" &
		clients+=($!)
	done
	for i in {1..200}; do
		eventually -t 60 test -s "$BATS_TEST_TMPDIR/m$i"
	done
	[ "$(descriptors)" -ge 1000 ]
	for i in {1..200}; do
		garden attach "$handle" "p$i" --send-after "0:{\"source\":0,\"data\":\"$i\\n\"}" --deadline 20 >/dev/null || true
	done
	for i in {1..200}; do
		await "${clients[i - 1]}"
		assert_equal "$status" $((i % 100))
		[ "$(cat "$BATS_TEST_TMPDIR/o$i")" = "$i" ]
	done
	eventually eval '[ "$(descriptors)" -lt 40 ]'
}

@test "processes that end at once are told of every time" {
	local i

	for i in {1..60}; do
		garden run "$handle" '{"path":"true"}' --deadline 5
	done
}

@test "a container that is destroyed tells its attached clients" {
	garden run "$handle" '{"path":"sleep","args":["100"],"id":"p"}' --messages "$BATS_TEST_TMPDIR/messages" --deadline 10 &
	client=$!
	eventually test -s "$BATS_TEST_TMPDIR/messages"
	api DELETE "/containers/$handle"
	expect 200 '{}'
	await "$client"
	[ "$status" -ne 124 ]
}

@test "outputs: what nobody has fetched within a minute from the end is gone, and the daemon keeps nothing of it" {
	local stream since

	read -r handle stream since <"$SCRATCH/left"
	eventually -t 70 has_let_go
	[ $(($(now) - since)) -ge 59 ]
	run fetch left "$stream" stdout
	assert_success
	assert_output $'HTTP/1.1 200 OK\\r\nDate: now\\r\nTransfer-Encoding: chunked\\r\n\\r'
}

@test "over TCP: input, outputs, the end" {
	kill_guardian TERM
	"$BIN/guardian" server --depot "$DEPOT" --state-dir "$SCRATCH/state" --bind-ip 127.0.0.1 --bind-port 0 --skip-setup \
		--client-stall-limit 2s >>"$SCRATCH/tcp.log" 2>&1 </dev/null 3>&- 4>&- &
	echo $! >"$SCRATCH/guardian.pid"
	eventually grep -q '"message":"guardian.started"' "$SCRATCH/tcp.log"
	SOCKET=$(jq -r 'select(.message == "guardian.started") | .data.addr' "$SCRATCH/tcp.log")
	status=0
	garden run "$handle" "$(sh_json 'cat; exit 15')" --input <"$ROOTFS/data" >"$BATS_TEST_TMPDIR/out" || status=$?
	assert_equal "$status" 15
	cmp "$BATS_TEST_TMPDIR/out" "$ROOTFS/data"
	run garden run "$handle" "$(sh_json 'cat /data /data /data /data /data /data; exit 1')" --stall-stdout --deadline 15
	assert_equal "$status" 123
	kill_guardian TERM
	# shellcheck disable=SC2034 # of guardian.bash
	SOCKET=$SCRATCH/garden.sock
	start_guardian --client-stall-limit 2s
}
