# What the daemon tells of itself: the debug server, the metrics page, the log and its levels.

bats_require_minimum_version 1.5.0
load helpers
load guardian

setup_file() {
	depot_begin
	PORT=$((20000 + RANDOM % 10000))
	export PORT
	start_guardian --debug-bind-ip 127.0.0.1 --debug-bind-port "$PORT"
}
teardown_file() { guardian_end; }
teardown() { destroy_all; }

# debug PATH [CURL-OPTIONS...]: leaves $code and $body.
debug() {
	code=$(curl -s -m 10 -o "$BATS_TEST_TMPDIR/body" -w '%{http_code}' "http://127.0.0.1:$PORT$1" "${@:2}")
	body=$(cat "$BATS_TEST_TMPDIR/body")
}

# value NAME: of the metrics page.
value() {
	debug /metrics
	sed -n "s/^$1 //p" <<<"$body"
}

lines() {
	wc -l <"$LOG"
}

@test "vars: one object with the names that monitors know" {
	debug /debug/vars
	[ "$code" = 200 ]
	[ "$(jq -c keys_unsorted <<<"$body")" = '["backingStores","cmdline","depotDirs","loopDevices","memstats","numCPUS","numGoRoutines"]' ]
	[ "$(jq .depotDirs <<<"$body")" -eq 0 ]
	[ "$(jq .numCPUS <<<"$body")" -eq "$(nproc)" ]
	[ "$(jq -r '.cmdline[1]' <<<"$body")" = server ]
	new
	debug /debug/vars
	[ "$(jq .depotDirs <<<"$body")" -eq 1 ]
}

@test "metrics: gauges follow what is there" {
	new
	[ "$(value garden_containers)" -eq 1 ]
	[ "$(value garden_attached_streams)" -eq 0 ]
	garden run "$handle" '{"path":"sleep","args":["100"]}' --signal-after 1500:1 --messages "$BATS_TEST_TMPDIR/messages" &
	client=$!
	eventually test -s "$BATS_TEST_TMPDIR/messages"
	[ "$(value garden_attached_streams)" -eq 1 ]
	await "$client"
	assert_equal "$status" 137
	[ "$(value garden_attached_streams)" -eq 0 ]
	[ "$(value garden_workers_waiting)" -eq 0 ]
}

@test "metrics: requests are counted by route and status, with how long they took" {
	local before after

	before=$(value 'garden_requests_total{route="ping",status="200"}')
	answers >/dev/null
	answers >/dev/null
	after=$(value 'garden_requests_total{route="ping",status="200"}')
	[ "$after" -eq $((before + 2)) ]
	api GET /containers/nope/info
	[ "$(value 'garden_requests_total{route="info",status="404"}')" -ge 1 ]
	[ "$(value 'garden_request_duration_seconds_count{route="ping"}')" -eq "$after" ]
	[ "$(value 'garden_request_duration_seconds_bucket{route="ping",le="+Inf"}')" -eq "$after" ]
}

@test "metrics: every line is of the format" {
	new
	debug /metrics
	[ "$code" = 200 ]
	refute grep -vE '^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[^}]*\})? [0-9.e+-]+)$' <<<"$body"
}

@test "the debug server knows nothing of the API, and the API nothing of it" {
	debug /ping
	expect 404 '404 page not found'
	debug /nope
	expect 404 '404 page not found'
	api GET /debug/vars
	[ "$code" = 404 ]
}

@test "log level: every name of every level, other words are refused" {
	local word

	for word in debug d 0 DEBUG ' debug '; do
		debug /log-level -d "$word"
		expect 200 '/log-level was invoked with Level: debug'
	done
	debug /log-level -d info
	expect 200 '/log-level was invoked with Level: info'
	debug /log-level -d 2
	expect 200 '/log-level was invoked with Level: warn'
	debug /log-level -d E
	expect 200 '/log-level was invoked with Level: error'
	debug /log-level -d fatal
	expect 200 $'/log-level was invoked with Level: fatal\nNote: Fatal logs are reported as error logs in the Gorouter logs.'
	debug /log-level
	expect 400 'method not allowed, use POST'
	debug /log-level -X PUT -d info
	expect 400 'method not allowed, use POST'
	debug /log-level -d ''
	expect 400 'log level cannot be empty'
	debug /log-level -d loud
	expect 400 'invalid log level: loud'
	debug /log-level -d debug
}

@test "log level: what is below is not written, and what is above is, warnings and errors at warn too" {
	local before

	debug /log-level -d error
	before=$(lines)
	new
	answers >/dev/null
	[ "$(lines)" -eq "$before" ]
	api GET /containers/nope/info
	[ "$(lines)" -eq $((before + 1)) ]
	tail -n 1 "$LOG" | jq -e '.level == "error" and .message == "guardian.api.garden-server.info.failed" and .data.error == "unknown handle: nope"'
	debug /log-level -d warn
	before=$(lines)
	api GET /containers/nope/info
	[ "$(lines)" -eq $((before + 1)) ]
	debug /log-level -d info
	before=$(lines)
	answers >/dev/null
	[ "$(lines)" -eq "$before" ]
	debug /log-level -d debug
	answers >/dev/null
	[ "$(lines)" -gt "$before" ]
	grep -q '"message":"guardian.api.connection.open"' "$LOG"
}

@test "log: one JSON object a line, its keys in order, times with nine digits" {
	new
	tail -n +1 "$LOG" | jq -se 'all(.[]; keys_unsorted == ["timestamp","level","source","message","data"])' >/dev/null
	refute grep -vE '^\{"timestamp":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}Z","level":"(debug|info|error|fatal)","source":"guardian","message":"guardian\.' "$LOG"
}

@test "log: who changed something, with the request's trace; never its secrets" {
	curl -s --unix-socket "$SOCKET" -H 'X-Vcap-Request-Id: 11111111-2222-3333-4444-555555555555' http://api/containers \
		-d "{\"handle\":\"guard-test-$GDN_TEST_RUN-log\",\"rootfs\":\"raw://$ROOTFS\",\"env\":[\"SECRET=1\"],\"properties\":{\"p\":\"SECRET\"}}"
	grep '"message":"guardian.api.garden-server.create.created"' "$LOG" | tail -n 1 |
		jq -e '.data["peer-uid"] == 0 and .data["peer-pid"] > 1 and .data["trace-id"] == "11111111222233334444555555555555" and (.data["span-id"] | length == 16) and (.data.session | test("^[0-9.]+$"))'
	handle=guard-test-$GDN_TEST_RUN-log
	garden run "$handle" '{"path":"true","env":["A=SECRET"],"args":["SECRET"]}'
	grep -q '"message":"guardian.api.garden-server.run.spawned"' "$LOG"
	refute grep -q SECRET "$LOG"
}

@test "log: a process that is unknown is no failure worth a line" {
	local before

	new
	before=$(grep -c attach.failed "$LOG" || true)
	api GET "/containers/$handle/processes/none"
	expect 404
	[ "$(grep -c attach.failed "$LOG" || true)" -eq "$before" ]
}

@test "a debug address that is taken keeps nobody from serving" {
	kill_guardian TERM
	socat "TCP-LISTEN:$PORT,bind=127.0.0.1,reuseaddr,fork" /dev/null 3>&- 4>&- &
	listener=$!
	eventually eval "ss -ltn 2>/dev/null | grep -q ':$PORT ' || grep -qi ':$(printf %04X "$PORT") .* 0A ' /proc/net/tcp"
	start_guardian --debug-bind-ip 127.0.0.1 --debug-bind-port "$PORT"
	grep -q 'debug server: listen tcp' "$LOG"
	kill "$listener"
	kill_guardian TERM
	start_guardian --debug-bind-ip 127.0.0.1 --debug-bind-port "$PORT"
	debug /debug/vars
	[ "$code" = 200 ]
}

@test "a log that nobody reads holds up nobody" {
	kill_guardian TERM
	mkfifo "$SCRATCH/log.fifo"
	exec 8<>"$SCRATCH/log.fifo"
	"$BIN/guardian" server --depot "$DEPOT" --state-dir "$SCRATCH/state" --bind-socket "$SOCKET" --skip-setup --log-level debug \
		>"$SCRATCH/log.fifo" 2>&1 </dev/null 3>&- 4>&- 8>&- &
	echo $! >"$SCRATCH/guardian.pid"
	eventually answers
	[ "$(printf 'GET /containers/nope/info HTTP/1.1\r\nHost: a\r\n\r\n%.0s' {1..3000} | garden raw | grep -c '^HTTP/1.1 404')" -eq 3000 ]
	kill_guardian TERM # waits a second for its reader, and no longer
	exec 8>&-
	start_guardian --debug-bind-ip 127.0.0.1 --debug-bind-port "$PORT"
}
