# What a container is told of names: its hosts and resolv.conf as functions (test/unit/hosts.c).

bats_require_minimum_version 1.5.0
load helpers

UNITS=${UNITS:-$(realpath -m "$BATS_TEST_DIRNAME/../.build/musl/unit")}

# hosts REQUEST / resolv REQUEST: the text for it.
hosts() { jq -nc "{hosts: $1}" | "$UNITS/hosts"; }
resolv() { jq -nc "{resolv: $1}" | "$UNITS/hosts"; }

# lines LINE...: what the text should be.
lines() { printf '%s\n' "$@"; }

@test "hosts: without an address there is localhost alone" {
	run hosts '{handle: "h"}'
	assert_output "127.0.0.1 localhost"
}

@test "hosts: each address has the handle for its name, then come the operator's entries as they are" {
	run hosts '{handle: "h", ipv4: "10.254.0.2", entries: ["1.2.3.4 a  b", "# note"]}'
	assert_output "$(lines "127.0.0.1 localhost" "10.254.0.2 h" "1.2.3.4 a  b" "# note")"
	run hosts '{handle: "h", ipv4: "10.254.0.2", ipv6: "fd00::2"}'
	assert_output "$(lines "127.0.0.1 localhost" "::1 localhost" "10.254.0.2 h" "fd00::2 h")"
}

@test "hosts: of a handle the last 49 bytes are the name" {
	run hosts '{handle: ("b" * 49), ipv4: "10.0.0.1"}'
	assert_line -n 1 --regexp '^10\.0\.0\.1 b{49}$'
	run hosts '{handle: ("a" + "b" * 49), ipv4: "10.0.0.1"}'
	assert_line -n 1 --regexp '^10\.0\.0\.1 b{49}$'
}

@test "hosts: a network plugin's name servers are the only ones, even if there are none" {
	run resolv '{plugin: ["1.1.1.1", "2.2.2.2"], operators: ["3.3.3.3"], additional: ["4.4.4.4"], host: "nameserver 5.5.5.5\n"}'
	assert_output "$(lines "nameserver 1.1.1.1" "nameserver 2.2.2.2")"
	run resolv '{plugin: [], additional: ["4.4.4.4"], host: "nameserver 5.5.5.5\n"}'
	assert_output ""
}

@test "hosts: the operator's name servers take the place of the host's file, additional ones follow either" {
	run resolv '{operators: ["3.3.3.3"], additional: ["4.4.4.4"], host: "search x\nnameserver 5.5.5.5\n"}'
	assert_output "$(lines "nameserver 3.3.3.3" "nameserver 4.4.4.4")"
	run resolv '{operators: [], additional: ["4.4.4.4"], host: "search x\nnameserver 5.5.5.5\n"}'
	assert_output "$(lines "search x" "nameserver 5.5.5.5" "nameserver 4.4.4.4")"
}

@test "hosts: a plugin's search domains stand at the end, in place of the host's" {
	run resolv '{search: ["a", "b.c"], host: "search x\nsearchlight\nnameserver 5.5.5.5\n"}'
	assert_output "$(lines "nameserver 5.5.5.5" "search a b.c")"
	run resolv '{plugin: ["1.1.1.1"], search: []}'
	assert_output "$(lines "nameserver 1.1.1.1" "search")"
}

@test "hosts: a host that has nothing but its own loopback gives way to the bridge" {
	run resolv '{host: "nameserver 127.0.0.53\n", bridge_ip: "10.254.0.1"}'
	assert_output "nameserver 10.254.0.1"
	run resolv '{host: "\n  nameserver\t127.0.0.1 \n\n", bridge_ip: "10.254.0.1", additional: ["4.4.4.4"]}'
	assert_output "$(lines "nameserver 10.254.0.1" "nameserver 4.4.4.4")"
	run resolv '{host: "nameserver 127.0.0.53\n"}'
	assert_output ""
	run resolv '{host: "nameserver 127.0.1.1\n", bridge_ip: "10.254.0.1"}'
	assert_output ""
	run resolv '{host: "# stub\nnameserver 127.0.0.53\n", bridge_ip: "10.254.0.1"}'
	assert_output "# stub"
}

@test "hosts: the host's lines are kept, but for loopback name servers and broken ones" {
	run resolv '{host: "\n# x\n\nnameserver 127.0.0.53\nnameserver\t9.9.9.9  \noptions edns0 trust-ad\nsearch corp.test\n nameserver 127.1.1.1\n"}'
	assert_output "$(lines "# x" "nameserver 9.9.9.9" "options edns0 trust-ad" "search corp.test" " nameserver 127.1.1.1")"
	run resolv '{host: "nameserver\nnameserver 1.1.1.1 2.2.2.2\nnameserver 127.9.8.7\nnameserver ::1\nnameserver 8.127.1.2"}'
	assert_output "$(lines "nameserver ::1" "nameserver 8.127.1.2")"
	run resolv '{host: ""}'
	assert_output ""
}
