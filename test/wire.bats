# The JSON of the Garden protocol, as functions (test/unit/wire.c), and the stream of a client's input (test/unit/input.c).

bats_require_minimum_version 1.5.0
load helpers

UNITS=${UNITS:-$(realpath -m "$BATS_TEST_DIRNAME/../.build/musl/unit")}

# decode WHAT BODY: what a request's body says.
decode() { printf '%s' "$2" | "$UNITS/wire" "$1"; }

# encode WHAT ARGS...: a reply, its status before it.
encode() { "$UNITS/wire" "$@" </dev/null; }

# refuses WHAT BODY TEXT: it is an error that begins so.
refuses() {
	run -2 decode "$1" "$2"
	assert_output --regexp "^$3"
}

# part JQ WHAT BODY: a part of what it says.
part() { decode "$2" "$3" | jq -c "$1"; }

# --- Requests ---

@test "wire: a create request is taken in all its parts" {
	run part 'del(.properties, .netin, .netout)' create '{"handle":"full","grace_time":300000000000,
		"image":{"uri":"u","username":"n","password":"p"},"rootfs":"/r","network":"10.0.0.0/30","privileged":true,
		"bind_mounts":[{"src_path":"/a","dst_path":"/b"},{"src_path":"/c","dst_path":"/d","mode":1},{"mode":2}],
		"env":["A=1","B=two words","A=2"],
		"limits":{"bandwidth_limits":{"rate":1,"burst":2},"cpu_limits":{"weight":128,"limit_in_shares":5},
			"disk_limits":{"byte_hard":1073741824,"scope":1},"memory_limits":{"limit_in_bytes":268435456},
			"pid_limits":{"max":512}}}'
	assert_output "$(jq -nc '{handle: "full", grace: 300000000000, rootfs: "/r", uri: "u", username: "n", password: "p",
		network: "10.0.0.0/30", env: ["A=1", "B=two words", "A=2"], privileged: true,
		mounts: [{source: "/a", destination: "/b", writable: false}, {source: "/c", destination: "/d", writable: true},
			{source: "", destination: "", writable: false}],
		memory: 268435456, shares: 128, pids: 512, disk: 1073741824, exclusive: true}')"
}

@test "wire: what a create request leaves out is zero" {
	for body in '{}' null '{"handle":null,"limits":null,"image":null,"env":null,"properties":{},"netin":[],"netout_rules":null}' \
		'{"image":{},"limits":{"bandwidth_limits":{},"cpu_limits":{},"disk_limits":{},"memory_limits":{},"pid_limits":{}}}'; do
		run -0 decode create "$body"
		assert_output "$(jq -nc '{handle: null, grace: 0, rootfs: "", uri: "", username: "", password: "", network: "",
			properties: null, env: [], privileged: false, mounts: [], memory: 0, shares: 0, pids: 0, disk: 0,
			exclusive: false, netin: null, netout: null}')"
	done
}

@test "wire: shares count where no weight is given, and no limit of memory is above what a signed integer holds" {
	run part '.shares' create '{"limits":{"cpu_limits":{"weight":0,"limit_in_shares":77}}}'
	assert_output 77
	run decode create '{"limits":{"memory_limits":{"limit_in_bytes":18446744073709551615}}}'
	assert_output --partial '"memory":9223372036854775807,'
}

@test "wire: properties are strings, and null is an empty one" {
	run decode create '{"properties":{"b":"1","a":null,"c":"\u0000<"}}'
	assert_output --partial '"properties":{"b":"1","a":"","c":"\u0000\u003c"}'
	refuses create '{"properties":{"a":5}}' 'properties: a number where a string is wanted$'
}

@test "wire: a run request is taken in all its parts" {
	run decode run '{"id":"p","path":"/bin/sh","args":["-i",null],"env":["A=1"],"user":"alice","dir":"/x",
		"rlimits":{"nofile":1024,"core":0,"as":null,"stack":18446744073709551615},
		"tty":{"window_size":{"columns":120,"rows":40}},"image":{"uri":"u"},"bind_mounts":[{"src_path":"/a","dst_path":"/b"}],
		"limits":{"cpu_limits":{"weight":9},"memory_limits":{"limit_in_bytes":7}}}'
	assert_output "{\"id\":\"p\",\"path\":\"/bin/sh\",\"args\":[\"-i\",\"\"],\"env\":[\"A=1\"],\"user\":\"alice\",\"dir\":\"/x\",$(:
		)\"terminal\":true,\"columns\":120,\"rows\":40,\"rlimits\":{\"core\":0,\"nofile\":1024,\"stack\":18446744073709551615},$(:
		)\"uri\":\"u\",\"mounts_given\":true,\"mounts\":[{\"source\":\"/a\",\"destination\":\"/b\",\"writable\":false}],$(:
		)\"limits_given\":true,\"memory\":7,\"shares\":9,\"pids\":0}"
}

@test "wire: a terminal is asked for by the presence of its member" {
	run part '[.terminal, .columns, .mounts_given, .limits_given]' run '{"path":"true","tty":null,"image":null,"limits":null}'
	assert_output '[false,null,false,false]'
	run part '[.terminal, .columns]' run '{"path":"true","tty":{}}'
	assert_output '[true,null]'
	run part '[.terminal, .columns, .rows]' run '{"path":"true","tty":{"window_size":{"rows":0}}}'
	assert_output '[true,0,0]'
	run part '[.mounts_given, .limits_given]' run '{"bind_mounts":[],"limits":{}}'
	assert_output '[true,true]'
}

@test "wire: port mappings and rules come in one form, whatever the case of their names" {
	run part '[.netin, .netout]' create '{"NetIn":[{"Host_Port":1},null],"netout_rules":[{"Protocol":1,"LOG":true,
		"networks":[{"START":"10.1.1.1","end":"10.1.1.9"},{"end":"::ffff:1.2.3.4"},{"start":"","end":null}],
		"ports":[{"start":80,"end":443}],"icmps":{"type":8,"code":0},"x":1}]}'
	assert_output '[[{"host_port":1,"container_port":0},{"host_port":0,"container_port":0}],[{"protocol":1,"networks":[{"start":"10.1.1.1","end":"10.1.1.9"},{"end":"::ffff:1.2.3.4"},{}],"ports":[{"start":80,"end":443}],"icmps":{"type":8,"code":0},"log":true}]]'
	run decode net_out '{"protocol":3,"icmps":{"type":8},"ports":[],"log":false}'
	assert_output '{"protocol":3,"icmps":{"type":8}}'
	run decode bulk_net_out '[{},null]'
	assert_output '[{},{}]'
	run decode bulk_net_out null
	assert_output '[]'
	run decode net_in '{"handle":"h","host_port":4294967295,"container_port":8080}'
	assert_output '4294967295 8080'
}

@test "wire: an address that is none is named" {
	local address

	for address in 1.2.3 1.2.3.4.5 1.2.3.256 01.2.3.4 x fe80::1%eth0 1.2.3.4/8 ' 1.2.3.4'; do
		refuses net_out "{\"networks\":[{\"start\":\"$address\"}]}" "invalid IP address: $address$"
	done
	refuses net_out '{"networks":[{"end":"1.2.3"}]}' 'invalid IP address: 1.2.3$'
	refuses create '{"netout_rules":[{"networks":[{"end":"1.2.3"}]}]}' 'invalid IP address: 1.2.3$'
}

@test "wire: numbers must be integers in the range of their member" {
	refuses create '{"limits":{"pid_limits":{"max":-1}}}' 'limits: pid_limits: max: -1 is not in the range'
	refuses create '{"limits":{"pid_limits":{"max":18446744073709551616}}}' 'limits: pid_limits: max: a number that is no integer'
	refuses create '{"grace_time":1.5}' 'grace_time: a number that is no integer'
	refuses create '{"grace_time":1e3}' 'grace_time: a number that is no integer'
	refuses create '{"grace_time":9223372036854775808}' 'grace_time: 9223372036854775808 is not in the range'
	refuses create '{"grace_time":-9223372036854775809}' 'grace_time: a number that is no integer'
	refuses create '{"bind_mounts":[{"mode":256}]}' 'bind_mounts: mode: 256 is not in the range'
	refuses net_out '{"ports":[{"start":70000}]}' 'ports: start: 70000 is not in the range'
	refuses net_out '{"protocol":256}' 'protocol: 256 is not in the range'
	refuses net_out '{"icmps":{"code":-1}}' 'icmps: code: -1 is not in the range'
	refuses net_in '{"host_port":4294967296}' 'host_port: 4294967296 is not in the range'
	refuses run '{"tty":{"window_size":{"rows":65536}}}' 'tty: rows: 65536 is not in the range'
	run -0 decode create '{"x":18446744073709551616,"y":1.5}'
	run -0 decode grace_time -9223372036854775808
	assert_output -9223372036854775808
}

@test "wire: members must be of their type" {
	refuses create '{"image":"x"}' 'image: a string where an object is wanted'
	refuses create '"x"' 'request: a string where an object is wanted'
	refuses create '{"env":{}}' 'env: an object where an array is wanted'
	refuses create '{"env":["A=1",5]}' 'env: a number where a string is wanted'
	refuses create '{"privileged":"true"}' 'privileged: a string where a boolean is wanted'
	refuses run '{"path":"true","rlimits":{"nofile":"x"}}' 'rlimits: nofile: a string where a number is wanted'
	refuses run '{"path":"a\u0000b"}' 'path: a NUL in a string'
	refuses bulk_net_out '{}' 'request: an object where an array is wanted'
	refuses bulk_net_out '[5]' 'rules: a number where an object is wanted'
	refuses stop '{"kill":0}' 'kill: a number where a boolean is wanted'
	refuses value '{"value":5}' 'value: a number where a string is wanted'
	refuses value '[]' 'request: an array where an object is wanted'
	refuses grace_time '"10s"' 'grace time: a string where a number is wanted'
}

@test "wire: names are taken in any case, the last of equal ones counts, unknown ones do not" {
	run decode value '{"VALUE":"a","x":1,"value":"b"}'
	assert_output '"b"'
	run decode value '{"value":"a","vAlue":"b"}'
	assert_output '"b"'
	run decode stop '{"KILL":true}'
	assert_output true
}

@test "wire: only the first value counts, and there must be a whole one" {
	local tail

	for tail in '' ' ' ' trailing' '}' '{' ',' '"'; do
		run -0 decode value "{\"value\":\"v\"}$tail"
		assert_output '"v"'
		run -0 decode grace_time "10 $tail"
		assert_output 10
	done
	refuses value '' 'EOF$'
	refuses value $' \n' 'EOF$'
	for tail in '{' '{"value"' '{"value":' '{"value":"v' '{"value":"v\' '{"value":"\u12' '{"value":"v"' '{"value":tru'; do
		refuses value "$tail" 'unexpected EOF$'
	done
	run -0 decode value null
	assert_output '""'
	run -0 decode stop '{}'
	assert_output false
}

@test "wire: what is almost JSON is none" {
	local body

	for body in '{bad' "{'value':'v'}" '{value:"v"}' '{"value":"v",}' '[1,]' '{"value" "v"}' '{"x":01}' '{"x":NaN}' \
		'{"x":Infinity}' '{"x":TRUE}' '{"x":nul}' '{"x":+1}' '{"x":.5}' '{"x":/**/1}' '// x' '{"x":"\x41"}' '{"x":"\u12g4"}' \
		$'{"x":"\n"}' $'{"x":"\x01"}' '}' ']' '{]' "$(printf '[%.0s' {1..100})"; do
		run decode value "$body"
		assert_equal "$body: $status" "$body: 2"
	done
}

@test "wire: strings keep what they hold, and what is no character becomes U+FFFD" {
	run decode value '{"value":"\u0000\u0001\u001f\u007f<>&\u2028\u2029'$'\xc2\x80''\/\b"}'
	assert_output '"\u0000\u0001\u001f'$'\x7f''\u003c\u003e\u0026\u2028\u2029'$'\xc2\x80''/\b"'
	run decode value $'{"value":"\xff\xfe|\xed\xa0\x80|\xc0\x80|\xe2\x82"}'
	assert_output $'"\ufffd\ufffd|\ufffd\ufffd\ufffd|\ufffd\ufffd|\ufffd\ufffd"'
	run decode value '{"value":"\ud800x|\udc00|\ud83d\ude00|\ud83d\u0041"}'
	assert_output $'"\ufffdx|\ufffd|\U1f600|\ufffdA"'
}

# --- Replies ---

@test "wire: an error's type decides about its status and what else is told" {
	run encode error handle h p 'unknown handle: h'
	assert_output '404 {"Type":"ContainerNotFoundError","Message":"unknown handle: h","Handle":"h","ProcessID":"","Binary":""}'
	run encode error process h p 'unknown process: p'
	assert_output '404 {"Type":"ProcessNotFoundError","Message":"unknown process: p","Handle":"","ProcessID":"p","Binary":""}'
	run encode error executable h p 'exec: "x"'
	assert_output '500 {"Type":"ExecutableNotFoundError","Message":"exec: \"x\"","Handle":"","ProcessID":"","Binary":""}'
	run encode error other h p $'<&\xff\n'
	assert_output $'500 {"Type":"","Message":"\\u003c\\u0026\ufffd\\n","Handle":"","ProcessID":"","Binary":""}'
}

@test "wire: replies are one value and a newline" {
	assert_equal "$(encode empty | od -An -c | tr -d ' ')" '200{}\n'
	assert_equal "$(encode handle h)" '200 {"Handle":"h"}'
	assert_equal "$(encode handle)" '200 {"Handles":[]}'
	assert_equal "$(encode handle a b)" '200 {"Handles":["a","b"]}'
	assert_equal "$(encode value_of '')" '200 {"value":""}'
	assert_equal "$(encode cpu 0)" '200 {}'
	assert_equal "$(encode cpu 128)" '200 {"limit_in_shares":128}'
	assert_equal "$(encode memory 18446744073709551615)" '200 {"limit_in_bytes":18446744073709551615}'
	assert_equal "$(encode capacity 1 2 0 4)" '200 {"memory_in_bytes":1,"disk_in_bytes":2,"max_containers":4}'
	assert_equal "$(encode properties)" '200 null'
	assert_equal "$(echo '{"b":"1","a":"2","B":"3"}' | "$UNITS/wire" properties)" '200 {"B":"3","a":"2","b":"1"}'
}

@test "wire: info without properties" {
	run encode info
	assert_output '200 {"State":"active","Events":null,"HostIP":"","ContainerIP":"","ContainerIPv6":"","ExternalIP":"","ContainerPath":"/depot/h","ProcessIDs":null,"Properties":null,"MappedPorts":[]}'
}

@test "wire: info takes state, events, addresses and ports from properties" {
	run "$UNITS/wire" info <<<'{"rundmc.state":"stopped","rundmc.events":"Out of memory,x","garden.network.host-ip":"10.0.0.1","garden.network.container-ip":"10.0.0.2","garden.network.container-ipv6":"fd::2","garden.network.external-ip":"1.2.3.4","garden.network.mapped-ports":"[{\"HostPort\":61001,\"ContainerPort\":8080}]"}'
	assert_output '200 {"State":"stopped","Events":["Out of memory","x"],"HostIP":"10.0.0.1","ContainerIP":"10.0.0.2","ContainerIPv6":"fd::2","ExternalIP":"1.2.3.4","ContainerPath":"/depot/h","ProcessIDs":null,"Properties":{"garden.network.container-ip":"10.0.0.2","garden.network.container-ipv6":"fd::2","garden.network.external-ip":"1.2.3.4","garden.network.host-ip":"10.0.0.1","garden.network.mapped-ports":"[{\"HostPort\":61001,\"ContainerPort\":8080}]","rundmc.events":"Out of memory,x","rundmc.state":"stopped"},"MappedPorts":[{"HostPort":61001,"ContainerPort":8080}]}'
	run "$UNITS/wire" info <<<'{"garden.network.mapped-ports":"[{"}'
	assert_output --partial '"MappedPorts":[]}'
}

@test "wire: metrics have every name, in the protocol's order, up to the largest number" {
	run encode metrics 18446744073709551585
	assert_output "200 {\"MemoryStat\":{$(
		n=18446744073709551 i=585
		for name in active_anon active_file cache hierarchical_memory_limit inactive_anon inactive_file mapped_file pgfault \
			pgmajfault pgpgin pgpgout rss total_active_anon total_active_file total_cache total_inactive_anon \
			total_inactive_file total_mapped_file total_pgfault total_pgmajfault total_pgpgin total_pgpgout total_rss \
			total_unevictable unevictable swap hierarchical_memsw_limit total_swap TotalUsageTowardLimit anon file \
			swapcached; do
			[ $name != TotalUsageTowardLimit ] || { printf '"%s":1000,' $name && continue; }
			printf '"%s":%s,' $name $n$((i++))
		done | sed 's/,$//'
	)},\"CPUStat\":{\"Usage\":1,\"User\":2,\"System\":3},\"DiskStat\":{\"TotalBytesUsed\":6,\"TotalInodesUsed\":0,\"ExclusiveBytesUsed\":7,\"ExclusiveInodesUsed\":0},\"NetworkStat\":null,\"PidStat\":{\"Current\":4,\"Max\":5},\"Age\":10,\"CPUEntitlement\":11}"
	run encode metrics 0 network
	assert_output --partial '"NetworkStat":{"RxBytes":8,"TxBytes":9}'
}

@test "wire: a bulk reply has each handle once, in order, and errors without type beside zeros" {
	run encode bulk
	assert_output --regexp '^200 \{"C":\{"Metrics":\{"MemoryStat":\{"active_anon":0,.*"CPUEntitlement":0\},"Err":\{"Type":"","Message":"runC stats: runc: exit status 1: container does not exist","Handle":"","ProcessID":"","Binary":""\}\},"a":\{"Info":\{"State":"","Events":null,"HostIP":"","ContainerIP":"","ContainerIPv6":"","ExternalIP":"","ContainerPath":"","ProcessIDs":null,"Properties":null,"MappedPorts":null\},"Err":\{"Type":"","Message":"unknown handle: a","Handle":"","ProcessID":"","Binary":""\}\},"b":\{"Info":\{"State":"active",[^{}]*\},"Err":null\}\}$'
}

@test "wire: the messages of a stream are a line each" {
	run encode stream
	assert_output '{"process_id":"p","stream_id":"17"}
{"process_id":"p","exit_status":0}
{"process_id":"p","error":"\u003cbad\u003e '$'\ufffd''"}'
}

# --- Input ---

# input BYTES: what the messages say, the same at every cut.
input() {
	local cut whole

	whole=$(printf '%b' "$1" | "$UNITS/input" 1000000)
	for cut in 1 2 3 7; do
		[ "$(printf '%b' "$1" | "$UNITS/input" $cut)" = "$whole" ] || { echo "differs, cut every $cut bytes" && return 1; }
	done
	printf '%s\n' "$whole"
}

@test "input: data, window sizes, signals and the end, in messages without and with space between" {
	run -0 input '{"process_id":"p","source":0,"data":"echo hi\\n"}{"process_id":"p","tty":{"window_size":{"columns":80,"rows":24}}}\n \t{"signal":0}\r\n{"process_id":"p","signal":1}{"source":0}'
	assert_output 'data "echo hi\n"
window 80 24
signal 15
signal 9
end'
}

@test "input: a window size goes before data, data before its end, its end before a signal" {
	run -0 input '{"source":0,"data":"x","tty":{"window_size":{}},"signal":0}{"source":9,"signal":0,"data":"y"}{"signal":0,"source":1}{"tty":{},"source":0}{"tty":null,"signal":1}'
	assert_output 'window 0 0
data "y"
end
no window
signal 9'
}

@test "input: whatever is nothing else is the end" {
	run -0 input '{}{"data":"x"}{"signal":2}{"source":null,"data":"x","signal":null}{"source":0,"data":null}{"x":[{}]}null {"process_id":"p","exit_status":3}'
	assert_output "$(printf 'end\n%.0s' {1..8})"
}

@test "input: empty data is nothing to do, and no end" {
	run -0 input '{"source":0,"data":""}{"source":0,"data":"x"}'
	assert_output 'data "x"'
}

@test "input: names are taken in any case and escaped, the last of equal ones counts" {
	run -0 input '{"DATA":"a","Source":0}{"d\\u0061ta":"b","source":0,"data":"c"}{"signal":0,"SIGNAL":1}{"source":0,"data\\u0000":"x"}'
	assert_output 'data "ac"
signal 9
end'
}

@test "input: strings are decoded however they are cut, and what is no character becomes U+FFFD" {
	run -0 input '{"source":0,"data":"\\u0000\\"\\\\\\/\\b\\f\\n\\r\\t|\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\\ud83d\\ude00|\xff\xe2\x82|\\ud83dx\\ude00\\ud83d\\n\\ud83d"}'
	assert_output 'data "\u0000\"\\/\b\f\n\r\t|é€😀😀|���|�x��\n�"'
}

@test "input: what is malformed ends the stream, and what came before it counts" {
	local bytes

	for bytes in '{"source":0,"data":5}' '{"source":"0"}' '{"source":1.5}' '{"tty":5}' '{"tty":{"window_size":{"rows":-1}}}' \
		'{"signal":"x"}' '{"signal":99999999999999999999}' '{"process_id":5}' '[]' '5 ' '"x"' '}' ',' '{,}' '{"source"}' '{"source":}' \
		'{"source":0,}' '{"x":tru }' '{"source":0,"data":"\n"}' '{"source":0,"data":"\\x"}' '{"data":"\\u12g4"}' "{'x':1}" '{"x":1 2}' \
		'\x00'; do
		run -0 input "{\"signal\":0}$bytes{\"signal\":0}"
		assert_equal "$bytes: $output" "$bytes: signal 15
malformed"
	done
}

@test "input: a value that is no data may have a mebibyte, and so may data that stands before its source" {
	local long

	long=$(head -c 1000000 /dev/zero | tr '\0' x)
	run -0 "$UNITS/input" 65536 < <(printf '{"x":["%s"],"signal":1}{"data":"%s","source":0}{}' "$long" "$long")
	assert_equal "$(sed 's/xxx*/x/' <<<"$output")" $'signal 9\ndata "x"\nend'
	for bytes in '{"x":["%s%s"],"signal":1}' '{"data":"%s%s","source":0}' '{"%s%s":0}'; do
		# shellcheck disable=SC2059
		run -0 "$UNITS/input" 65536 < <(printf "$bytes" "$long" "$long")
		assert_output malformed
	done
}

@test "input: data of any length behind its source takes little memory" {
	run -0 "$UNITS/input" long 300000000
	read -r came kib <<<"$output"
	assert [ "$came" -ge 300000000 ]
	# The sanitizers keep what is freed.
	[ -n "${SANITIZER_REPORTS:-}" ] || assert [ "$kib" -lt 4096 ]
}

@test "input: made-up messages mean the same as to a reader who has them whole" {
	local seed=$RANDOM$RANDOM

	echo "seeds from $seed"
	run -0 "$UNITS/input" random "$seed" 4000
	assert_output ''
}
