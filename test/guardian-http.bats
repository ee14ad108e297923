# The daemon's HTTP, byte by byte: what is answered, what is refused and how, and what clients may do without harm.

load helpers
load guardian

setup_file() {
	depot_begin
	start_guardian --read-header-timeout 0
}
teardown_file() { guardian_end; }
teardown() { destroy_all; }

PING=$'GET /ping HTTP/1.1\r\nHost: api\r\n\r\n'
PONG=$'HTTP/1.1 200 OK\\r\nContent-Type: application/json\\r\nDate: now\\r\nContent-Length: 3\\r\n\\r\n{}'

# exchange REQUEST [OPTIONS...]: printf's format; the reply in $output, whether the connection was closed in $status (0).
exchange() {
	# shellcheck disable=SC2059 # it is meant as one
	run raw "${@:2}" < <(printf "$1")
}

# refused STATUS_LINE BODY: as plain text, and the connection is closed.
refused() {
	assert_success
	assert_output "HTTP/1.1 $1\\r
Content-Type: text/plain; charset=utf-8\\r
Connection: close\\r
\\r
$2"
}

# plain STATUS BODY [HEADER]: a reply of the router, after which the connection stays.
plain() {
	assert_equal "$status" 1
	assert_output "HTTP/1.1 $1\\r
Content-Type: text/plain; charset=utf-8\\r
${3:+$3\\r
}X-Content-Type-Options: nosniff\\r
Date: now\\r
Content-Length: 19\\r
\\r
$2"
}

is_well() {
	[ "$(curl -s -m 5 --unix-socket "$SOCKET" http://api/ping)" = '{}' ]
}

# --- Heads ---

@test "a request is answered, and the connection stays" {
	exchange "$PING"
	assert_equal "$status" 1
	assert_output "$PONG"
}

@test "Connection: close is said back, and done" {
	exchange 'GET /ping HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n'
	assert_success
	assert_line -n 4 'Connection: close\r'
}

@test "HTTP/1.0 is answered and closed, or kept if asked to" {
	exchange 'GET /ping HTTP/1.0\r\n\r\n'
	assert_success
	assert_line -n 0 'HTTP/1.0 200 OK\r'
	assert_line -n 5 '{}'
	exchange 'GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'
	assert_equal "$status" 1
	assert_line 'Connection: keep-alive\r'
}

@test "Host must be there once" {
	exchange 'GET /ping HTTP/1.1\r\n\r\n'
	refused '400 Bad Request: missing required Host header' '400 Bad Request: missing required Host header'
	exchange 'GET /ping HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'
	refused '400 Bad Request' '400 Bad Request'
	exchange 'GET /ping HTTP/1.1\r\nHost:\r\n\r\n'
	assert_line -n 0 'HTTP/1.1 200 OK\r'
}

@test "what is no HTTP is refused with 400" {
	local request

	for request in 'HELLO\r\n\r\n' 'GET /ping HTTP/1.1\r\nHost: api\r\nbad header\r\n\r\n' \
		'GET /ping HTTP/1.1\r\nHost: api\r\nX : y\r\n\r\n' 'POST /containers HTTP/1.1\r\nHost: api\r\nContent-Length: x\r\n\r\n' \
		'\001\002\003\004\r\n\r\n' 'GET /ping HTTP/1.1\nHost: api\n\n' 'GET  HTTP/1.1\r\n\r\n' 'FROB /ping HTTP/1.1\r\nHost: a\r\n\r\n' \
		'POST /containers HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n' \
		'POST /containers HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n' \
		'PUT /containers/x/properties/k HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnull\r\n0\r\n\r\n' \
		'PUT /containers/x/properties/k HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'; do
		exchange "$request"
		assert_success
		assert_line -n 0 'HTTP/1.1 400 Bad Request\r'
		assert_line 'Connection: close\r'
		refute_line --partial 'Date:'
	done
	is_well
}

@test "other versions are refused with 505" {
	exchange 'GET /ping HTTP/2.0\r\nHost: api\r\n\r\n'
	refused '505 HTTP Version Not Supported: unsupported protocol version' '505 HTTP Version Not Supported: unsupported protocol version'
}

@test "other transfer encodings are refused with 501" {
	exchange 'POST /containers HTTP/1.1\r\nHost: api\r\nTransfer-Encoding: gzip\r\n\r\n'
	assert_success
	assert_line -n 0 'HTTP/1.1 501 Not Implemented\r'
	assert_line 'Connection: close\r'
}

@test "Expect: the body is asked for before it comes, and only 100-continue is understood" {
	new
	run raw < <(
		printf 'PUT /containers/%s/properties/k HTTP/1.1\r\nHost: api\r\nContent-Length: 13\r\nExpect: 100-continue\r\n\r\n' "$handle"
		sleep 0.3
		printf '{"value":"v"}'
	)
	assert_line -n 0 'HTTP/1.1 100 Continue\r'
	assert_line -n 2 'HTTP/1.1 200 OK\r'
	exchange 'GET /ping HTTP/1.1\r\nHost: api\r\nExpect: nonsense\r\n\r\n'
	assert_success
	assert_line -n 0 'HTTP/1.1 417 Expectation Failed\r'
}

@test "Upgrade is passed over" {
	exchange 'GET /ping HTTP/1.1\r\nHost: api\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
	assert_equal "$status" 1
	assert_output "$PONG"
}

# --- Paths ---

@test "a path that nothing knows is a plain 404" {
	local path

	for path in /nope /containers/ //ping /containers/../ping /ping/ / /containers/x/y/z /containers/x/processes/p/attaches/1; do
		exchange "GET $path HTTP/1.1\r\nHost: api\r\n\r\n"
		plain '404 Not Found' '404 page not found'
	done
	exchange 'DELETE /containers/ HTTP/1.1\r\nHost: api\r\n\r\n'
	plain '404 Not Found' '404 page not found'
}

@test "a method that the path does not have is a 405 that names those it has" {
	exchange 'PUT /ping HTTP/1.1\r\nHost: api\r\n\r\n'
	assert_line -n 0 'HTTP/1.1 405 Method Not Allowed\r'
	assert_line 'Allow: GET\r'
	assert_line 'X-Content-Type-Options: nosniff\r'
	assert_line 'Method Not Allowed'
	exchange 'GET /containers/full HTTP/1.1\r\nHost: api\r\n\r\n'
	assert_line 'Allow: DELETE\r'
	exchange 'PATCH /containers/full/properties/k HTTP/1.1\r\nHost: api\r\n\r\n'
	assert_line 'Allow: GET, DELETE, PUT\r'
	exchange 'PUT /containers/full/limits/cpu HTTP/1.1\r\nHost: api\r\nContent-Length: 2\r\n\r\n{}'
	assert_line 'Allow: GET\r'
	assert_equal "$status" 1
}

@test "HEAD is no GET, and has no body; OPTIONS * is well" {
	exchange 'HEAD /ping HTTP/1.1\r\nHost: api\r\n\r\n'
	assert_line -n 0 'HTTP/1.1 405 Method Not Allowed\r'
	refute_line 'Method Not Allowed'
	exchange 'OPTIONS * HTTP/1.1\r\nHost: api\r\n\r\n'
	assert_line -n 0 'HTTP/1.1 200 OK\r'
	assert_line 'Content-Length: 0\r'
}

@test "bad escapes in a path are a 400, in a query nothing" {
	exchange 'GET /containers/a%%zz/info HTTP/1.1\r\nHost: api\r\n\r\n'
	refused '400 Bad Request' '400 Bad Request'
	exchange 'GET /containers/a%%4 HTTP/1.1\r\nHost: api\r\n\r\n'
	refused '400 Bad Request' '400 Bad Request'
	exchange 'GET /ping?x=%%zz&y HTTP/1.1\r\nHost: api\r\n\r\n'
	assert_output "$PONG"
}

@test "an absolute URI is the same as its path" {
	exchange 'GET http://api/ping HTTP/1.1\r\nHost: api\r\n\r\n'
	assert_output "$PONG"
	exchange 'GET http://api/containers/a+b/info?x=http://y/z HTTP/1.1\r\nHost: api\r\n\r\n'
	assert_output --partial '"Message":"unknown handle: a b"'
}

# --- Bodies ---

@test "a chunked body is the same as one of known length, in pieces of any size" {
	local i

	new
	run raw < <(
		printf 'PUT /containers/%s/properties/k HTTP/1.1\r\nHost: api\r\nTransfer-Encoding: chunked\r\n\r\n' "$handle"
		for i in '{"va' 'l' 'ue":"chunks"' '}'; do
			printf '%x;ext=1\r\n%s' ${#i} "$i"
			sleep 0.05
			printf '\r\n'
		done
		printf '0\r\nTrailer: x\r\n\r\n'
	)
	assert_line -n 0 'HTTP/1.1 200 OK\r'
	api GET "/containers/$handle/properties/k"
	expect 200 '{"value":"chunks"}'
}

@test "a body that means nothing is read and forgotten" {
	exchange 'GET /ping HTTP/1.1\r\nHost: api\r\nContent-Length: 7\r\n\r\n{"x":1}GET /ping HTTP/1.1\r\nHost: api\r\n\r\n'
	assert_equal "$(grep -c '^HTTP/1.1 200 OK' <<<"$output")" 2
	exchange 'POST /nope HTTP/1.1\r\nHost: api\r\nContent-Length: 7\r\n\r\n{"x":1}GET /ping HTTP/1.1\r\nHost: api\r\n\r\n'
	assert_line -n 0 'HTTP/1.1 404 Not Found\r'
	assert_line 'HTTP/1.1 200 OK\r'
}

@test "a form's content type changes nothing" {
	new
	run raw < <(printf 'PUT /containers/%s/properties/k HTTP/1.1\r\nHost: api\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 13\r\n\r\n{"value":"v"}' "$handle")
	assert_line -n 0 'HTTP/1.1 200 OK\r'
}

@test "a body that ends too early is no request" {
	new
	run raw --half-close 0 < <(printf 'PUT /containers/%s/properties/k HTTP/1.1\r\nHost: api\r\nContent-Length: 100\r\n\r\n{"value":"v"}' "$handle")
	assert_success
	assert_output ''
	api GET "/containers/$handle/properties/k"
	[ "$code" = 500 ]
}

@test "a head of more than 1 MiB is refused with 431, one below is taken" {
	run raw < <(printf 'GET /ping HTTP/1.1\r\nHost: api\r\nX: '; head -c 2000000 /dev/zero | tr '\0' x; printf '\r\n\r\n')
	assert_line -n 0 'HTTP/1.1 431 Request Header Fields Too Large\r'
	run raw < <(printf 'GET /ping HTTP/1.1\r\nHost: api\r\nX: '; head -c 900000 /dev/zero | tr '\0' x; printf '\r\n\r\n')
	assert_line -n 0 'HTTP/1.1 200 OK\r'
	run raw < <(printf 'GET /ping HTTP/1.1\r\nHost: api\r\n'; yes $'X: y\r' | head -n 300000; printf '\r\n')
	assert_line -n 0 'HTTP/1.1 431 Request Header Fields Too Large\r'
	run raw < <(printf 'GET /'; head -c 2000000 /dev/zero | tr '\0' x)
	assert_line -n 0 'HTTP/1.1 431 Request Header Fields Too Large\r'
	is_well
}

# --- Many ---

@test "2,000 requests in one packet get 2,000 replies, in order" {
	local i

	for i in {1..2000}; do
		printf 'GET /containers/n%d/info HTTP/1.1\r\nHost: a\r\n\r\n' "$i"
	done >"$BATS_TEST_TMPDIR/requests"
	garden raw <"$BATS_TEST_TMPDIR/requests" >"$BATS_TEST_TMPDIR/replies" || true
	[ "$(grep -c '^HTTP/1.1 404' "$BATS_TEST_TMPDIR/replies")" -eq 2000 ]
	grep -o '"Handle":"[^"]*"' "$BATS_TEST_TMPDIR/replies" | cmp - <(printf '"Handle":"n%d"\n' {1..2000})
}

@test "requests that wait for a worker keep their order on a connection" {
	new
	run raw --idle 1000 < <(
		for i in 1 2 3 4 5; do
			printf 'PUT /containers/%s/properties/k HTTP/1.1\r\nHost: a\r\nContent-Length: 13\r\n\r\n{"value":"%d"}' "$handle" "$i"
			printf 'GET /containers/%s/properties/k HTTP/1.1\r\nHost: a\r\n\r\n' "$handle"
		done
	)
	assert_equal "$(grep -o '"value":"."' <<<"$output" | tr -dc 0-9)" 12345
}

@test "10,000 requests over one connection leave neither memory nor descriptors behind" {
	local memory open

	[ "$(garden ask 1000 <<<"$PING"$'\r')" -ge 0 ]
	memory=$(resident) open=$(descriptors)
	[ "$(printf %s "$PING" | garden ask 10000)" -eq 10000 ]
	eventually descriptors_are "$open"
	[ "$(resident)" -le $((memory + 64)) ]
}

descriptors_are() {
	[ "$(descriptors)" -eq "$1" ]
}

@test "2,000 connections, one after the other, leave neither" {
	local memory open

	seq 2000 | sed 's|.*|url = "http://api/ping"|; 1i unix-socket = "'"$SOCKET"'"' >"$BATS_TEST_TMPDIR/urls"
	curl -s -H 'Connection: close' -K "$BATS_TEST_TMPDIR/urls" >/dev/null
	memory=$(resident) open=$(descriptors)
	[ "$(curl -s -H 'Connection: close' -K "$BATS_TEST_TMPDIR/urls" | grep -c '{}')" -eq 2000 ]
	eventually descriptors_are "$open"
	[ "$(resident)" -le $((memory + 64)) ]
}

@test "1,000 idle connections cost little and hold up nobody" {
	local before

	before=$(resident)
	mkfifo "$BATS_TEST_TMPDIR/until"
	garden hold 1000 <"$BATS_TEST_TMPDIR/until" >"$BATS_TEST_TMPDIR/held" &
	exec 9>"$BATS_TEST_TMPDIR/until"
	eventually grep -qx open "$BATS_TEST_TMPDIR/held"
	eventually eval '[ "$(descriptors)" -ge 1000 ]'
	is_well
	[ $(($(resident) - before)) -lt 2048 ]
	exec 9>&-
	eventually eval '[ "$(descriptors)" -lt 100 ]'
}

# --- Slow and leaving clients ---

@test "a head that comes byte by byte holds up nobody, and is answered" {
	run raw < <(
		for ((i = 0; i < ${#PING}; i++)); do
			printf %s "${PING:i:1}"
			sleep 0.01
			[ "$i" -ne 20 ] || is_well >&2
		done
	)
	assert_output "$PONG"
}

@test "clients that leave in the middle of anything do no harm" {
	local request i

	new
	request=$(printf 'PUT /containers/%s/properties/k HTTP/1.1\r\nHost: api\r\nContent-Length: 13\r\n\r\n{"value":"v"}' "$handle")
	for ((i = 1; i <= ${#request}; i += 3)); do
		printf %s "${request:0:i}" | garden raw --idle 1 >/dev/null || true
	done
	eventually eval '[ "$(descriptors)" -lt 30 ]'
	is_well
}

@test "a client that sends without end and reads nothing is not read from, and costs no memory" {
	local path before

	before=$(resident)
	mkfifo "$BATS_TEST_TMPDIR/until"
	for path in ping nowhere; do
		"$TOOLS/unread" "$SOCKET" flood "GET /$path HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n" \
			<"$BATS_TEST_TMPDIR/until" >"$BATS_TEST_TMPDIR/taken" 3>&- 4>&- &
		exec 9>"$BATS_TEST_TMPDIR/until"
		eventually test -s "$BATS_TEST_TMPDIR/taken"
		[ "$(cat "$BATS_TEST_TMPDIR/taken")" -lt 1000000 ]
		[ $(($(resident) - before)) -lt 1024 ]
		is_well
		exec 9>&-
		wait $!
	done
}

@test "a client whose socket is full of replies that he does not read holds up nobody, whatever he asks for next" {
	mkfifo "$BATS_TEST_TMPDIR/until"
	"$TOOLS/unread" "$SOCKET" pile 400 'GET /ping HTTP/1.1\r\nHost: a\r\n\r\n' \
		'GET /containers/a/processes/b/attaches/1/stdout HTTP/1.1\r\nHost: a\r\n\r\n' \
		<"$BATS_TEST_TMPDIR/until" >"$BATS_TEST_TMPDIR/taken" 3>&- 4>&- &
	exec 9>"$BATS_TEST_TMPDIR/until"
	eventually test -s "$BATS_TEST_TMPDIR/taken"
	eventually -t 20 is_well
	exec 9>&-
	wait $!
	eventually eval '[ "$(descriptors)" -lt 30 ]'
}

@test "a bulk call for very many containers holds up nobody" {
	local count=100000

	[ -z "${SANITIZER_REPORTS:-}" ] || count=5000 # there the same takes many times as long
	{
		printf 'GET /containers/bulk_info?handles='
		seq -s, $count | tr -d '\n'
		printf ' HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	} >"$BATS_TEST_TMPDIR/request"
	garden raw --idle 20000 <"$BATS_TEST_TMPDIR/request" >"$BATS_TEST_TMPDIR/reply" &
	client=$!
	while kill -0 "$client" 2>/dev/null; do
		answers_within 0.7
	done
	[ "$(sed '1,/^\r$/d' "$BATS_TEST_TMPDIR/reply" | jq length)" -eq $count ]
}

@test "without descriptors left it rests, says so, and goes on when there are some again" {
	local daemon used

	daemon=$(guardian_pid)
	mkfifo "$BATS_TEST_TMPDIR/until"
	prlimit --pid "$daemon" --nofile=$(($(descriptors) + 5)):
	garden hold 20 <"$BATS_TEST_TMPDIR/until" >"$BATS_TEST_TMPDIR/held" &
	exec 9>"$BATS_TEST_TMPDIR/until"
	eventually grep -q 'accept: .*; resting a second' "$LOG"
	used=$(cpu_ticks "$daemon")
	sleep 1.5 # is what is measured
	[ $(($(cpu_ticks "$daemon") - used)) -lt 15 ]
	[ -z "$(answers_within 0.5)" ]
	exec 9>&-
	eventually is_well
	prlimit --pid "$daemon" --nofile="$(ulimit -Hn)":
}

# cpu_ticks PID: the hundredths of a second that it has computed for.
cpu_ticks() {
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

answers_within() {
	curl -s -m "$1" --unix-socket "$SOCKET" http://api/ping
}

@test "random bytes do no harm" {
	local i

	for i in {1..50}; do
		head -c $((RANDOM % 2000)) /dev/urandom | garden raw --idle 20 >/dev/null || true
		{ printf 'POST /containers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'; head -c 300 /dev/urandom; } |
			garden raw --idle 20 >/dev/null || true
	done
	eventually eval '[ "$(descriptors)" -lt 30 ]'
	is_well
}

@test "--read-header-timeout closes a connection whose head takes longer, and not one that waits for its next request" {
	kill_guardian
	start_guardian --read-header-timeout 500ms
	# The first: a request, silence beyond the limit, another one. The second: a head that never ends.
	run raw --idle 200 < <(printf %s "$PING"; sleep 1; printf %s "$PING")
	assert_equal "$(grep -c '^HTTP/1.1 200 OK' <<<"$output")" 2
	run raw --idle 3000 < <(printf 'GET /ping HTTP/1.1\r\nHost: a\r\n')
	assert_success
	assert_output ''
}

@test "over TCP it is all the same" {
	local address

	kill_guardian
	"$BIN/guardian" server --depot "$DEPOT" --state-dir "$SCRATCH/state" --bind-ip 127.0.0.1 --bind-port 0 --skip-setup \
		>>"$SCRATCH/tcp.log" 2>&1 </dev/null 3>&- 4>&- &
	echo $! >"$SCRATCH/guardian.pid"
	eventually grep -q '"message":"guardian.started"' "$SCRATCH/tcp.log"
	address=$(jq -r 'select(.message == "guardian.started") | .data.addr' "$SCRATCH/tcp.log")
	[[ $address =~ ^127\.0\.0\.1:[1-9][0-9]*$ ]]
	SOCKET=$address
	exchange "$PING"
	assert_output "$PONG"
	exchange 'HELLO\r\n\r\n'
	refused '400 Bad Request' '400 Bad Request'
	kill_guardian TERM
	SOCKET=$SCRATCH/garden.sock
	start_guardian
}
