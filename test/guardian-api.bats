# The daemon's plain routes: what each replies, in every case that the protocol tells apart.

load helpers
load guardian

UNITS=${UNITS:-$(realpath -m "$BATS_TEST_DIRNAME/../.build/musl/unit")}

setup_file() {
	depot_begin
	start_guardian
}
teardown_file() { guardian_end; }
teardown() { destroy_all; }

# the last reply was {} and a newline.
expect_empty_object() {
	expect 200 '{}'
	[ "$(wc -c <"$BATS_TEST_TMPDIR/body")" -eq 3 ]
}

# expect_unknown_handle HANDLE: the last reply says so.
expect_unknown_handle() {
	expect 404 "{\"Type\":\"ContainerNotFoundError\",\"Message\":\"unknown handle: $1\",\"Handle\":\"$1\",\"ProcessID\":\"\",\"Binary\":\"\"}"
}

get_property() {
	api GET "/containers/$handle/properties/$1"
	jq -j .value <<<"$body"
}

listed() {
	api GET "/containers?$1"
	jq -r '.Handles[]' <<<"$body"
}

is_listed() {
	listed "${2:-}" | grep -qx "$1"
}

is_not_listed() {
	! is_listed "$@"
}

# --- The host ---

@test "ping: an empty object, as JSON" {
	api GET /ping
	expect_empty_object
	grep -qx 'Content-Type: application/json' <<<"$headers"
	grep -qx 'Content-Length: 3' <<<"$headers"
}

@test "capacity: the host's memory, the depot's file system, as many containers as there are subnets" {
	local memory

	api GET /capacity
	[ "$code" = 200 ]
	memory=$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)
	[ "$(jq .memory_in_bytes <<<"$body")" -le $((memory * 1024)) ]
	[ "$(jq .memory_in_bytes <<<"$body")" -gt 0 ]
	[ "$(jq .disk_in_bytes <<<"$body")" -eq "$(($(stat -fc '%b * %S' "$DEPOT")))" ]
	[ "$(jq .max_containers <<<"$body")" -eq 256 ]
}

# --- Create and destroy ---

@test "create: replies when the container is usable, with its handle" {
	new '"properties":{"a":"b"},"env":["A=1"],"privileged":false,"limits":{"bandwidth_limits":{},"disk_limits":{}}'
	runc state "$handle" | jq -e '.status == "running"'
	[ "$(get_property a)" = b ]
	[ "$(get_property garden.state)" = created ]
}

@test "create: without a handle makes up a lower-case UUID of version 4" {
	api POST /containers "{\"rootfs\":\"raw://$ROOTFS\"}"
	[ "$code" = 200 ]
	handle=$(jq -r .Handle <<<"$body")
	[[ $handle =~ ^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$ ]]
	[ -d "$DEPOT/$handle" ]
}

@test "create: the root filesystem may come as image" {
	handle=guard-test-$GDN_TEST_RUN-$RANDOM
	api POST /containers "{\"handle\":\"$handle\",\"image\":{\"uri\":\"raw://$ROOTFS\",\"username\":\"u\"}}"
	expect 200 "{\"Handle\":\"$handle\"}"
}

@test "create: a handle that is taken is refused, and what has it stays as it was" {
	new '"properties":{"mine":"yes"}'
	api POST /containers "{\"handle\":\"$handle\",\"rootfs\":\"raw://$ROOTFS\"}"
	expect_failure "Handle '$handle' already in use"
	[ "$(get_property mine)" = yes ]
}

@test "create: of ten at once with one handle one succeeds, the others hear that it is taken" {
	local i

	handle=guard-test-$GDN_TEST_RUN-$RANDOM
	for i in {1..10}; do
		curl -s --unix-socket "$SOCKET" http://api/containers -d "{\"handle\":\"$handle\",\"rootfs\":\"raw://$ROOTFS\"}" \
			>"$BATS_TEST_TMPDIR/$i" 3>&- 4>&- &
	done
	wait
	[ "$(cat "$BATS_TEST_TMPDIR"/{1..10} | grep -c "{\"Handle\":\"$handle\"}")" -eq 1 ]
	[ "$(cat "$BATS_TEST_TMPDIR"/{1..10} | grep -c "Handle '$handle' already in use")" -eq 9 ]
	runc state "$handle" | jq -e '.status == "running"'
}

@test "create: requests that cannot be honoured say why, and leave nothing" {
	local before

	before=$(ls -A "$DEPOT")
	api POST /containers '{"rootfs":"raw:///a","image":{"uri":"raw:///b"}}'
	expect_failure 'Cannot provide both Image.URI and RootFSPath'
	api POST /containers '{"rootfs":"docker:///busybox"}'
	expect_failure 'no image plugin configured'
	api POST /containers '{"image":{"uri":"/images/base"}}'
	expect_failure 'no image plugin configured'
	api POST /containers '{}'
	[ "$code" = 500 ]
	api POST /containers "{\"handle\":\"a b\",\"rootfs\":\"raw://$ROOTFS\"}"
	[ "$code" = 500 ]
	[ "$(jq -r .Type <<<"$body")" = '' ]
	api POST /containers "{\"handle\":\"..\",\"rootfs\":\"raw://$ROOTFS\"}"
	[ "$code" = 500 ]
	api POST /containers "{\"handle\":\"a/b\",\"rootfs\":\"raw://$ROOTFS\"}"
	[ "$code" = 500 ]
	api POST /containers "{\"rootfs\":\"raw:///no/such/root\"}"
	[ "$code" = 500 ]
	[[ $body == */no/such/root* ]]
	api POST /containers "{\"rootfs\":\"raw://$ROOTFS\",\"bind_mounts\":[{\"src_path\":\"/no/such/source\",\"dst_path\":\"/x\"}]}"
	[ "$code" = 500 ]
	[[ $body == */no/such/source* ]]
	[ "$(ls -A "$DEPOT")" = "$before" ]
}

@test "create: port mappings and rules are refused as long as there is no network" {
	api POST /containers "{\"rootfs\":\"raw://$ROOTFS\",\"netin\":[{\"host_port\":0,\"container_port\":8080}]}"
	[ "$code" = 500 ]
	[[ $body == *network* ]]
	api POST /containers "{\"rootfs\":\"raw://$ROOTFS\",\"netout_rules\":[{\"protocol\":1}]}"
	[ "$code" = 500 ]
	[[ $body == *network* ]]
}

@test "create: environment, bind mounts and limits reach the container" {
	mkdir "$BATS_TEST_TMPDIR/data"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/data"
	echo shared >"$BATS_TEST_TMPDIR/data/file"
	mkdir -p "$SCRATCH/data-$BATS_TEST_NUMBER"
	echo shared >"$SCRATCH/data-$BATS_TEST_NUMBER/file"
	new '"env":["FROM=container"],"bind_mounts":[{"src_path":"'"$SCRATCH/data-$BATS_TEST_NUMBER"'","dst_path":"/data"}],
		"limits":{"memory_limits":{"limit_in_bytes":67108864},"pid_limits":{"max":64},"cpu_limits":{"weight":100}}'
	run garden run "$handle" "$(sh_json 'echo $FROM; cat /data/file; echo x >/data/new || echo read-only')"
	assert_success
	assert_line -n 0 container
	assert_line -n 1 shared
	assert_line read-only
	api GET "/containers/$handle/limits/memory"
	expect 200 '{"limit_in_bytes":67108864}'
	api GET "/containers/$handle/limits/cpu"
	expect 200 '{"limit_in_shares":100}'
	api GET "/containers/$handle/metrics"
	[ "$(jq .PidStat.Max <<<"$body")" -eq 64 ]
}

@test "destroy: leaves nothing, and then the handle is unknown" {
	local init

	new
	init=$(cat "$DEPOT/$handle/pidfile")
	api DELETE "/containers/$handle"
	expect_empty_object
	[ ! -e "$DEPOT/$handle" ]
	eventually gone "$init"
	run runc state "$handle"
	assert_failure
	api DELETE "/containers/$handle"
	expect_unknown_handle "$handle"
}

@test "destroy: of several at once one does it, the others hear so" {
	local i

	for i in 1 2 3 4 5; do # it may be over before the second one comes
		new
		for _ in {1..5}; do
			printf 'url = http://api/containers/%s\nunix-socket = %s\nrequest = DELETE\nnext\n' "$handle" "$SOCKET"
		done | sed '$d' >"$BATS_TEST_TMPDIR/requests"
		curl -s --parallel --parallel-immediate -K "$BATS_TEST_TMPDIR/requests" >"$BATS_TEST_TMPDIR/replies"
		[ "$(grep -cx '{}' "$BATS_TEST_TMPDIR/replies")" -eq 1 ]
		! grep -q 'container already being destroyed' "$BATS_TEST_TMPDIR/replies" || break
	done
	grep -qxF '{"Type":"","Message":"container already being destroyed","Handle":"","ProcessID":"","Binary":""}' \
		"$BATS_TEST_TMPDIR/replies"
}

# --- List ---

@test "list: sorted handles, those that match every property" {
	local a b c

	api GET /containers
	expect 200 '{"Handles":[]}'
	new '"properties":{"team":"x","role":"web server"}'
	a=$handle
	new '"properties":{"team":"x"}'
	b=$handle
	new '"properties":{"team":"y","a b":"c&d"}'
	c=$handle
	[ "$(listed)" = "$(printf '%s\n' "$a" "$b" "$c" | LC_ALL=C sort)" ]
	[ "$(listed team=x)" = "$(printf '%s\n' "$a" "$b" | LC_ALL=C sort)" ]
	[ "$(listed 'team=x&role=web+server')" = "$a" ]
	[ "$(listed 'role=web%20server')" = "$a" ]
	[ "$(listed 'a+b=c%26d')" = "$c" ]
	[ "$(listed 'team=x&role=')" = "$b" ]
	[ "$(listed 'team=x&team=y')" = "$(printf '%s\n' "$a" "$b" | LC_ALL=C sort)" ]
	[ "$(listed team=z)" = '' ]
	# What cannot be decoded is passed over.
	[ "$(listed 'team=%zz' | wc -l)" -eq 3 ]
	[ "$(listed 'team=y;role=z' | wc -l)" -eq 3 ]
}

# lists_unread: the daemon answers without reading a file.
lists_unread() {
	local before

	before=$(bytes_read)
	is_listed "$handle" || return 1
	[ "$(bytes_read)" -eq "$before" ]
}

bytes_read() {
	sed -n 's/^rchar: //p' "/proc/$(guardian_pid)/io"
}

@test "list: what nobody has changed is not read again, and what any program changes is seen at once" {
	local i

	new '"properties":{"team":"x"}'
	eventually lists_unread
	"$UNITS/properties" set "$handle" team y
	is_not_listed "$handle" team=x
	is_listed "$handle" team=y
	for i in {10..60}; do # files of the same size, one in the place of the other
		"$UNITS/properties" set "$handle" team "$i"
		is_listed "$handle" "team=$i"
	done
	eventually lists_unread
	depotctl stop --kill "$handle"
	is_listed "$handle" rundmc.state=stopped
	depotctl destroy "$handle"
	is_not_listed "$handle"
	depotctl create --handle "$handle" --rootfs "$ROOTFS" >/dev/null
	is_listed "$handle" team=
	is_not_listed "$handle" rundmc.state=stopped
}

@test "list: only created containers, but for garden.state" {
	new
	[ "$(listed garden.state=all)" = "$handle" ]
	[ "$(listed garden.state=created)" = "$handle" ]
	[ "$(listed garden.state=other)" = '' ]
	api PUT "/containers/$handle/properties/garden.state" '{"value":"other"}'
	[ "$(listed)" = '' ]
	[ "$(listed garden.state=other)" = "$handle" ]
	[ "$(listed garden.state=all)" = "$handle" ]
}

# --- Handles that do not exist ---

@test "unknown handle: every route says what it always said" {
	api GET /containers/nope/info
	expect_unknown_handle nope
	api GET /containers/nope/limits/cpu
	expect_unknown_handle nope
	api GET /containers/nope/limits/memory
	expect_unknown_handle nope
	api DELETE /containers/nope
	expect_unknown_handle nope
	api GET /containers/nope/processes/p
	expect 404 '{"Type":"ProcessNotFoundError","Message":"unknown process: p","Handle":"","ProcessID":"p","Binary":""}'
	api GET /containers/nope/limits/bandwidth
	expect_empty_object
	api GET /containers/nope/limits/disk
	expect_empty_object
	api GET /containers/nope/properties
	expect 200 null
	api GET /containers/nope/properties/k
	expect_failure 'property does not exist: k'
	api PUT /containers/nope/properties/k '{"value":"v"}'
	expect_empty_object
	api DELETE /containers/nope/properties/k
	expect_empty_object
	api PUT /containers/nope/grace_time 600000000000
	expect_empty_object
	api PUT /containers/nope/stop '{"kill":false}'
	expect_failure 'stop: pid not found for container: runc state: runc: exit status 1: container does not exist'
	api PUT '/containers/nope/files?user=root&destination=/' ''
	expect_failure 'stream-in: pid not found for container'
	api GET '/containers/nope/files?user=root&source=/'
	expect_failure 'stream-out: pid not found for container'
	api POST /containers/nope/net/in '{"container_port":1}'
	expect_failure 'property not found: kawasaki.host-interface'
	api POST /containers/nope/net/out '{}'
	expect_failure 'property not found: kawasaki.host-interface'
	api POST /containers/nope/net/out/bulk '[{}]'
	expect_failure 'property not found: kawasaki.host-interface'
	api GET /containers/nope/metrics
	expect_failure 'runC stats: runc: exit status 1: container does not exist'
	api POST /containers/nope/processes '{"path":"true"}'
	expect_failure 'does not exist'
	api GET '/containers/bulk_info?handles=nope'
	[ "$code" = 200 ]
	[ "$(jq -c .nope.Err <<<"$body")" = '{"Type":"","Message":"unknown handle: nope","Handle":"","ProcessID":"","Binary":""}' ]
	[ ! -e "$DEPOT/nope" ]
}

@test "handles that would leave the depot are unknown" {
	local name

	echo secret >"$SCRATCH/record.json"
	for name in .. . %2e%2e ..%2fdepot a%2F..%2Fb %00 "$(printf 'x%.0s' {1..300})"; do
		api GET "/containers/$name/info"
		[ "$code" = 404 ] || [ "$code" = 500 ]
		[ "$(jq -r .Type <<<"$body")" != '' ] || [[ $body == *handle* ]]
		api DELETE "/containers/$name"
		[ "$code" = 404 ] || [ "$code" = 500 ]
	done
	[ -e "$SCRATCH/record.json" ]
	[ -d "$DEPOT" ]
	rm "$SCRATCH/record.json"
}

@test "handle: an escaped slash and a plus are decoded like a query" {
	api GET /containers/a%2Fb+c/info
	expect_unknown_handle 'a/b c'
}

# --- Looking ---

@test "info: every key, in the order of the protocol" {
	new '"properties":{"k":"v"}'
	api GET "/containers/$handle/info"
	[ "$code" = 200 ]
	[ "$(jq -c keys_unsorted <<<"$body")" = '["State","Events","HostIP","ContainerIP","ContainerIPv6","ExternalIP","ContainerPath","ProcessIDs","Properties","MappedPorts"]' ]
	[ "$(jq -r .State <<<"$body")" = active ]
	[ "$(jq -r .ContainerPath <<<"$body")" = "$DEPOT/$handle" ]
	[ "$(jq -c .ProcessIDs <<<"$body")" = null ]
	[ "$(jq -c .MappedPorts <<<"$body")" = '[]' ]
	[ "$(jq -c .Events <<<"$body")" = null ]
	[ "$(jq -r .Properties.k <<<"$body")" = v ]
	[ "$(jq -r '.Properties["garden.state"]' <<<"$body")" = created ]
}

@test "metrics: every number, and they move" {
	local before

	new '"limits":{"memory_limits":{"limit_in_bytes":134217728},"pid_limits":{"max":100}}'
	api GET "/containers/$handle/metrics"
	[ "$code" = 200 ]
	[ "$(jq -c keys_unsorted <<<"$body")" = '["MemoryStat","CPUStat","DiskStat","NetworkStat","PidStat","Age","CPUEntitlement"]' ]
	[ "$(jq '.MemoryStat | length' <<<"$body")" -eq 32 ]
	[ "$(jq -r '.MemoryStat | keys_unsorted[28]' <<<"$body")" = TotalUsageTowardLimit ]
	[ "$(jq -c .NetworkStat <<<"$body")" = null ]
	[ "$(jq .PidStat.Max <<<"$body")" -eq 100 ]
	[ "$(jq .PidStat.Current <<<"$body")" -ge 1 ]
	[ "$(jq .Age <<<"$body")" -gt 0 ]
	[ "$(jq .MemoryStat.TotalUsageTowardLimit <<<"$body")" -gt 0 ]
	before=$(jq .CPUStat.Usage <<<"$body")
	garden run "$handle" "$(sh_json 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done')"
	api GET "/containers/$handle/metrics"
	[ "$(jq .CPUStat.Usage <<<"$body")" -gt "$before" ]
}

@test "bulk: one entry a handle, errors without a type, duplicates once, nothing asked is nothing got" {
	new
	api GET "/containers/bulk_info?handles=$handle%2Cnope,$handle"
	[ "$code" = 200 ]
	[ "$(jq -c keys <<<"$body")" = "[\"$handle\",\"nope\"]" ]
	[ "$(jq -r ".[\"$handle\"].Info.State" <<<"$body")" = active ]
	[ "$(jq -c ".[\"$handle\"].Err" <<<"$body")" = null ]
	[ "$(jq -c .nope.Info <<<"$body")" = '{"State":"","Events":null,"HostIP":"","ContainerIP":"","ContainerIPv6":"","ExternalIP":"","ContainerPath":"","ProcessIDs":null,"Properties":null,"MappedPorts":null}' ]
	[ "$(jq -r .nope.Err.Type <<<"$body")" = '' ]
	api GET "/containers/bulk_metrics?handles=nope,$handle"
	[ "$code" = 200 ]
	[ "$(jq ".[\"$handle\"].Metrics.PidStat.Current" <<<"$body")" -ge 1 ]
	[ "$(jq -c .nope.Metrics.NetworkStat <<<"$body")" = null ]
	[ -n "$(jq -r .nope.Err.Message <<<"$body")" ]
	api GET '/containers/bulk_info?handles='
	expect_empty_object
	api GET '/containers/bulk_metrics?handles='
	expect_empty_object
	api GET /containers/bulk_info
	[ "$code" = 500 ]
	[ "$(jq -r .Type <<<"$body")" = '' ]
}

@test "limits: {} for what is not limited, and for what never is" {
	local kind

	new
	for kind in bandwidth disk memory cpu; do
		api GET "/containers/$handle/limits/$kind"
		expect_empty_object
	done
}

@test "limits: the whole 64-bit range passes" {
	new '"limits":{"memory_limits":{"limit_in_bytes":18446744073709551615}}'
	api GET "/containers/$handle/limits/memory"
	expect 200 '{"limit_in_bytes":9223372036854775807}'
}

# --- Properties ---

@test "properties: set, read, changed, removed, and all of them sorted" {
	new
	api PUT "/containers/$handle/properties/k" '{"value":"v"}'
	expect_empty_object
	api GET "/containers/$handle/properties/k"
	expect 200 '{"value":"v"}'
	api PUT "/containers/$handle/properties/k" '{"value":""}'
	api GET "/containers/$handle/properties/k"
	expect 200 '{"value":""}'
	api PUT "/containers/$handle/properties/a" '{"value":"1"}'
	api PUT "/containers/$handle/properties/Z" '{"value":"2"}'
	api GET "/containers/$handle/properties"
	expect 200 '{"Z":"2","a":"1","garden.state":"created","k":""}'
	api DELETE "/containers/$handle/properties/k"
	expect_empty_object
	api DELETE "/containers/$handle/properties/k"
	expect_empty_object
	api GET "/containers/$handle/properties/k"
	expect_failure 'property does not exist: k'
}

@test "properties: names are decoded like a query" {
	new
	api PUT "/containers/$handle/properties/a%20b%2Fc" '{"value":"v"}'
	expect_empty_object
	[ "$(get_property a+b%2Fc)" = v ]
	api GET "/containers/$handle/properties"
	[ "$(jq -r '."a b/c"' <<<"$body")" = v ]
}

@test "properties: a hundred set at once are all there" {
	local i

	new
	for i in {1..100}; do
		printf 'url = http://api/containers/%s/properties/p%d\nrequest = PUT\ndata = "{\\"value\\":\\"%d\\"}"\nnext\n' "$handle" $i $i
	done >"$BATS_TEST_TMPDIR/requests"
	sed -i '$d; s/^next$/next\nunix-socket = PATH/; 1i unix-socket = PATH' "$BATS_TEST_TMPDIR/requests"
	sed -i "s|PATH|$SOCKET|" "$BATS_TEST_TMPDIR/requests"
	curl -s --parallel --parallel-max 50 -K "$BATS_TEST_TMPDIR/requests" >"$BATS_TEST_TMPDIR/replies"
	[ "$(grep -cx '{}' "$BATS_TEST_TMPDIR/replies")" -eq 100 ]
	api GET "/containers/$handle/properties"
	[ "$(jq '[.[] | select(test("^[0-9]+$")) | tonumber] | add' <<<"$body")" -eq 5050 ]
}

# --- JSON ---

@test "JSON: oddities of a body are taken or refused as they always were" {
	new
	local path=/containers/$handle/properties/k refused

	for refused in '{bad' '{"value":"v"' '' '{"value":5}' '[]' '"x"' '{"value":{}}' '{"value":true}' '{"value":"v",}'; do
		api PUT "$path" "$refused"
		[ "$code" = 500 ] || { echo "accepted: $refused"; false; }
		[ "$(jq -r .Type <<<"$body")" = '' ]
		[ "$(jq -c keys_unsorted <<<"$body")" = '["Type","Message","Handle","ProcessID","Binary"]' ]
	done
	api PUT "$path" ''
	expect_failure EOF
	api PUT "$path" '{"value":"v"'
	expect_failure 'unexpected EOF'
	api PUT "$path" null
	expect_empty_object
	[ "$(get_property k)" = '' ]
	api PUT "$path" '{"value":"v"} trailing'
	expect_empty_object
	[ "$(get_property k)" = v ]
	api PUT "$path" '{"VALUE":"a","x":[1,{"y":null}],"value":"b"}'
	[ "$(get_property k)" = b ]
	api PUT "$path" '{"value":null}'
	expect_empty_object
	api PUT "$path" $'\n\t {"value" : "spaced"}'
	[ "$(get_property k)" = spaced ]
}

@test "JSON: strings of every kind come back as they went in" {
	new
	local path=/containers/$handle/properties/k

	api PUT "$path" $'{"value":"\xff\xfe"}'
	expect_empty_object
	api GET "$path"
	expect 200 $'{"value":"\xef\xbf\xbd\xef\xbf\xbd"}'
	api PUT "$path" '{"value":"\ud800x"}'
	api GET "$path"
	expect 200 $'{"value":"\xef\xbf\xbdx"}'
	api PUT "$path" '{"value":"\ud83d\ude00"}'
	api GET "$path"
	expect 200 $'{"value":"\xf0\x9f\x98\x80"}'
	api PUT "$path" $'{"value":"\\u0000\\u0001\\u001f\\u007f\\"\\\\/\xc2\x80"}'
	api GET "$path"
	[ "$(jq -c .value <<<"$body")" = "$(jq -c .value <<<$'{"value":"\\u0000\\u0001\\u001f\\u007f\\"\\\\/\xc2\x80"}')" ]
}

@test "JSON: numbers out of range and wrong types of a create or a run are errors" {
	local refused

	new
	for refused in '{"limits":{"pid_limits":{"max":-1}}}' '{"grace_time":1.5}' '{"grace_time":1e3}' '{"image":"x"}' '"x"' \
		'{"bind_mounts":[{"mode":256}]}' '{"limits":{"memory_limits":{"limit_in_bytes":18446744073709551616}}}' \
		'{"properties":{"a":1}}' '{"env":"A=1"}' '{"privileged":"yes"}' '{"handle":7}' '{"netin":[{"host_port":-1}]}'; do
		api POST /containers "$refused"
		[ "$code" = 500 ] || { echo "accepted: $refused"; false; }
	done
	for refused in '{"path":"true","rlimits":{"nofile":"x"}}' '{"path":5}' '{"path":"true","args":"x"}' \
		'{"path":"true","tty":[]}' '{"path":"true","tty":{"window_size":{"columns":65536}}}' '' '{'; do
		api POST "/containers/$handle/processes" "$refused"
		[ "$code" = 500 ] || { echo "accepted: $refused"; false; }
	done
	[ -z "$(ls -A "$DEPOT/$handle/processes" 2>/dev/null)" ]
	api POST "/containers/$handle/net/out" '{"networks":[{"start":"1.2.3"}]}'
	expect_failure 'invalid IP address: 1.2.3'
	api POST "/containers/$handle/net/out" '{"ports":[{"start":70000}]}'
	[ "$code" = 500 ]
	api POST "/containers/$handle/net/out/bulk" '{}'
	[ "$code" = 500 ]
	api PUT "/containers/$handle/grace_time" '"10s"'
	[ "$code" = 500 ]
}

@test "JSON: deep nesting and a huge body are refused, and the daemon is well" {
	local deep

	new
	deep=$(printf '[%.0s' {1..5000})
	api PUT "/containers/$handle/properties/k" "{\"x\":$deep"
	[ "$code" = 500 ]
	head -c 70000000 /dev/zero | tr '\0' ' ' >"$BATS_TEST_TMPDIR/huge"
	api PUT "/containers/$handle/properties/k" "@$BATS_TEST_TMPDIR/huge"
	[ "$code" = 413 ]
	rm "$BATS_TEST_TMPDIR/huge"
	api GET /ping
	expect_empty_object
}

# --- Run's errors ---

@test "run: an executable that is not there has an error of its own" {
	new
	api POST "/containers/$handle/processes" '{"path":"nope"}'
	expect_failure 'exec failed: unable to start container process: exec: "nope": executable file not found in $PATH' \
		ExecutableNotFoundError
	api POST "/containers/$handle/processes" '{"path":"/bin/nope"}'
	expect_failure 'exec failed: unable to start container process: exec: "/bin/nope": stat /bin/nope: no such file or directory' \
		ExecutableNotFoundError
	api POST "/containers/$handle/processes" '{}'
	[ "$(jq -r .Type <<<"$body")" = ExecutableNotFoundError ]
	refute grep -qi '^connection: close' <<<"$headers"
	[ -z "$(ls -A "$DEPOT/$handle/processes")" ]
}

@test "run: other failures say what the runtime said" {
	new
	api POST "/containers/$handle/processes" '{"path":"/etc"}'
	expect_failure 'runc exec: exit status 255: exec failed: unable to start container process: exec: "/etc": permission denied'
	api POST "/containers/$handle/processes" '{"path":"id","user":"nouser"}'
	expect_failure 'unable to find user nouser: no matching entries in passwd file'
	api POST "/containers/$handle/processes" '{"path":"id","user":"root:nogrp"}'
	expect_failure 'unable to find group nogrp: no matching entries in group file'
	api POST "/containers/$handle/processes" '{"path":"id","user":"4294967295"}'
	expect_failure 'uids and gids must be in range 0-2147483647'
	api POST "/containers/$handle/processes" '{"path":"pwd","dir":"rel"}'
	[ "$code" = 500 ]
	[[ $body == *'Cwd must be an absolute path'* ]]
	api POST "/containers/$handle/processes" '{"path":"id","bind_mounts":[{"src_path":"/a","dst_path":"/b"}]}'
	expect_failure 'Running a process with bind mounts and no image provided is not allowed'
	api POST "/containers/$handle/processes" '{"path":"id","image":{"uri":"/other"}}'
	expect_failure 'no image plugin configured'
	api POST "/containers/$handle/processes" '{"path":"id","id":"a/b"}'
	[ "$code" = 500 ]
}

@test "run: an id that is taken is refused" {
	new
	garden run "$handle" '{"path":"true","id":"p"}'
	api POST "/containers/$handle/processes" '{"path":"true","id":"p"}'
	expect_failure "process ID 'p' already in use"
	api GET "/containers/$handle/processes/q"
	expect 404 '{"Type":"ProcessNotFoundError","Message":"unknown process: q","Handle":"","ProcessID":"q","Binary":""}'
	api GET "/containers/$handle/processes/..%2F.."
	[ "$code" = 404 ]
}

# --- Stop ---

@test "stop: kills what runs at once if told so, and the container stays usable" {
	new
	garden run "$handle" '{"path":"sleep","args":["1000"],"id":"p"}' --leave 0
	api PUT "/containers/$handle/stop" '{"kill":true}'
	expect_empty_object
	eventually has_ended p
	[ "$(cat "$DEPOT/$handle/processes/p/exitcode")" = 137 ]
	api GET "/containers/$handle/info"
	[ "$(jq -r .State <<<"$body")" = stopped ]
	run garden run "$handle" '{"path":"echo","args":["alive"]}'
	assert_success
	assert_output alive
}

@test "stop: asks first" {
	new
	garden run "$handle" "$(sh_json 'trap "exit 42" TERM; while :; do sleep 0.05; done' 'id: "p"')" --leave 0
	api PUT "/containers/$handle/stop" '{}'
	expect_empty_object
	eventually has_ended p
	[ "$(cat "$DEPOT/$handle/processes/p/exitcode")" = 42 ]
	api PUT "/containers/$handle/stop" ''
	expect_failure EOF
}

# --- Files ---

@test "files: in, used, out" {
	new
	mkdir -p "$BATS_TEST_TMPDIR/in/dir" "$BATS_TEST_TMPDIR/out"
	echo content >"$BATS_TEST_TMPDIR/in/dir/file"
	tar -C "$BATS_TEST_TMPDIR/in" -cf "$BATS_TEST_TMPDIR/in.tar" dir
	api PUT "/containers/$handle/files?user=alice&destination=%2Fhome%2Falice%2Fnew" "@$BATS_TEST_TMPDIR/in.tar"
	expect_empty_object
	run garden run "$handle" '{"path":"stat","args":["-c","%U %n","/home/alice/new","/home/alice/new/dir/file"]}'
	assert_output $'alice /home/alice/new\nalice /home/alice/new/dir/file'
	api GET "/containers/$handle/files?user=root&source=/home/alice/new/dir"
	[ "$code" = 200 ]
	tar -C "$BATS_TEST_TMPDIR/out" -xf "$BATS_TEST_TMPDIR/body"
	[ "$(cat "$BATS_TEST_TMPDIR/out/dir/file")" = content ]
	api GET "/containers/$handle/files?source=/home/alice/new/dir/"
	[ "$(tar -tf "$BATS_TEST_TMPDIR/body")" = $'./\n./file' ]
}

@test "files: 64 MiB in a chunked body arrive whole, and come out whole" {
	new
	mkdir "$BATS_TEST_TMPDIR/big"
	head -c 64M /dev/urandom >"$BATS_TEST_TMPDIR/big/file"
	tar -C "$BATS_TEST_TMPDIR/big" -c file |
		curl -sT - -X PUT --unix-socket "$SOCKET" "http://api/containers/$handle/files?destination=/tmp" >"$BATS_TEST_TMPDIR/reply"
	[ "$(cat "$BATS_TEST_TMPDIR/reply")" = '{}' ]
	curl -s --unix-socket "$SOCKET" "http://api/containers/$handle/files?source=/tmp/file" | tar -xO |
		cmp - "$BATS_TEST_TMPDIR/big/file"
	garden run "$handle" '{"path":"rm","args":["/tmp/file"]}'
	[ "$(resident)" -lt 8192 ]
}

@test "files: failures say so" {
	new
	echo "this is no archive, however long it may be made to look" >"$BATS_TEST_TMPDIR/garbage"
	api PUT "/containers/$handle/files?destination=/tmp" "@$BATS_TEST_TMPDIR/garbage"
	[ "$code" = 500 ]
	[[ $(jq -r .Message <<<"$body") == 'stream-in: nstar: error streaming in: '* ]]
	api PUT "/containers/$handle/files?user=nobodyknows&destination=/tmp" ''
	[ "$code" = 500 ]
	api GET "/containers/$handle/files?user=nobodyknows&source=/tmp"
	[ "$code" = 500 ]
	api GET "/containers/$handle/files?source=/no/such/thing"
	[ "$code" = 500 ] || [ "$code" = 200 ]
	[ "$code" = 500 ] || [ -z "$(tar -tf "$BATS_TEST_TMPDIR/body")" ]
}

@test "files: a client that leaves in the middle of its archive leaves no worker behind" {
	new
	{
		printf 'PUT /containers/%s/files?destination=/tmp HTTP/1.1\r\nHost: api\r\nContent-Length: 100000\r\n\r\n' "$handle"
		head -c 5000 /dev/zero
	} | garden raw --idle 200 || true
	run_nothing() { ! pgrep -P "$(guardian_pid)" >/dev/null; }
	eventually run_nothing
}

# --- Networks ---

@test "net: no network is told as it always was, but what makes no sense first" {
	new
	api POST "/containers/$handle/net/in" '{"handle":"x","host_port":0,"container_port":8080}'
	expect_failure 'property not found: kawasaki.host-interface'
	api POST "/containers/$handle/net/out" '{"protocol":1,"networks":[{"start":"8.8.8.8"}],"ports":[{"start":53,"end":53}]}'
	expect_failure 'property not found: kawasaki.host-interface'
	api POST "/containers/$handle/net/out/bulk" '[]'
	expect_failure 'property not found: kawasaki.host-interface'
	api POST "/containers/$handle/net/in" '{"host_port":"x"}'
	[ "$code" = 500 ]
	[[ $body != *kawasaki* ]]
}

# --- Grace time ---

@test "grace time: a container that nobody uses goes, and info keeps it" {
	local deadline=$((SECONDS + 3))

	new '"grace_time":1500000000'
	[ "$(get_property garden.grace-time)" = 1500000000 ]
	while [ "$SECONDS" -le "$deadline" ]; do
		api GET "/containers/$handle/info"
		[ "$code" = 200 ]
		sleep 0.2
	done
	eventually is_not_listed "$handle"
	[ ! -e "$DEPOT/$handle" ]
}

@test "grace time: lists and pings keep nothing" {
	new '"grace_time":500000000'
	eventually -t 3 is_not_listed "$handle"
}

@test "grace time: an attached client keeps it, and it goes after he has left" {
	new '"grace_time":300000000'
	garden run "$handle" '{"path":"sleep","args":["1000"],"id":"p"}' --leave 1500 &
	client=$!
	sleep 1.2
	[ -d "$DEPOT/$handle" ]
	wait "$client"
	eventually is_not_listed "$handle"
}

@test "grace time: set to nothing an idle container goes at once" {
	new
	api PUT "/containers/$handle/grace_time" 0
	expect_empty_object
	eventually -t 3 is_not_listed "$handle"
	[ ! -e "$DEPOT/$handle" ]
}

@test "grace time: set to nothing while a client is attached it is off for good" {
	new '"grace_time":300000000'
	garden run "$handle" '{"path":"sleep","args":["1000"],"id":"p"}' --leave 800 &
	client=$!
	eventually test -e "$DEPOT/$handle/processes/p/pidfile"
	api PUT "/containers/$handle/grace_time" 0
	expect_empty_object
	wait "$client"
	sleep 0.6
	is_listed "$handle"
}

@test "grace time: a longer one counts from now" {
	new '"grace_time":500000000'
	api PUT "/containers/$handle/grace_time" 600000000000
	expect_empty_object
	[ "$(get_property garden.grace-time)" = 600000000000 ]
	sleep 0.8
	is_listed "$handle"
}
