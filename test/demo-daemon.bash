# The demo's part with the daemon: driven by curl and the tests' client for streams (garden), killed while a process prints
# and while one ends, stopped. Sourced by demo.sh, whose tag, scratch directory and depot it uses.

daemon='' # its pid, while there is one

start_daemon() {
	behind "guardian server --depot \$GDN_DEPOT --state-dir \$PWD/state --bind-socket \$GARDEN --skip-setup >>guardian.log 2>&1"
	daemon=$behind
	eventually curl -sf --unix-socket "$GARDEN" http://api/ping >/dev/null || mismatch "no answer: $(tail -n 5 guardian.log)"
}

kill_daemon() {
	disown "$daemon" || true # or the shell would tell of its end, too; it may have seen that already
	show "kill -KILL $daemon"
	eventually gone "$daemon" || mismatch "it is still there"
	daemon=''
}

# received BYTES FILE
received() {
	[ "$(stat -c %s "$2")" -ge "$1" ]
}

# count_across_a_kill: a process counts, the daemon is killed in the middle of that.
count_across_a_kill() {
	local lines=100000 early=200000 whole bytes client
	# shellcheck disable=SC2016 # expanded in the container
	local counter='{"id":"counter","path":"sh","args":["-c",
      "for i in $(seq 100); do seq $((i * 1000 - 999)) $((i * 1000)); sleep 0.02; done; exit 33"]}'

	behind "garden run $handle '$counter' >before"
	client=$behind
	eventually received $early before || mismatch "too little from the process"
	kill_daemon
	finished "$client"
	ended_with 122
	bytes=$(stat -c %s before) whole=$(seq $lines | wc -c)
	show "wc -c before"
	[ "$bytes" -gt 0 ] && [ "$bytes" -lt "$whole" ] || mismatch "$bytes of $whole bytes: not in the middle"
	show "depotctl ps $handle | grep counter"
	mentions running
	start_daemon
	show "garden attach $handle counter >after"
	ended_with 33
	show "wc -c before after"
	mentions "$whole total"
	show "cat before after | cmp - <(seq $lines) && echo the same"
	printed 'the same'
}

# end_unseen: a process ends while no daemon is there.
end_unseen() {
	local client waiter='{"id":"waiter","path":"sh","args":["-c",
      "echo first words; until [ -e /tmp/go ]; do sleep 0.1; done; echo last words; exit 44"]}'

	behind "garden run $handle '$waiter' >first"
	client=$behind
	eventually received 12 first || mismatch "no first words"
	kill_daemon
	finished "$client"
	ended_with 122
	show "cat first"
	printed 'first words'
	show "depotctl run $handle touch /tmp/go"
	succeeded
	eventually test -e "$GDN_DEPOT/$handle/processes/waiter/exitcode" || mismatch "the process goes on"
	show "depotctl ps $handle | grep waiter"
	mentions ended
	start_daemon
	show "garden attach $handle waiter"
	printed 'last words'
	ended_with 44
}

handle=$tag-served
export GARDEN=$scratch/garden.sock
cd "$scratch"

tell 'The daemon is another way to the same depot: the Garden API, HTTP on a socket.'
show "cd $scratch; export GARDEN=$GARDEN"
start_daemon
show "curl -s --unix-socket \$GARDEN http://api/ping"
printed '{}'
spec="{\"handle\":\"$handle\",\"rootfs\":\"raw://$scratch/rootfs\",\"properties\":{\"owner\":\"demo\"}}"
show "curl -s --unix-socket \$GARDEN http://api/containers -d '$spec'"
printed "{\"Handle\":\"$handle\"}"
show "curl -s --unix-socket \$GARDEN 'http://api/containers?owner=demo'"
printed "{\"Handles\":[\"$handle\"]}"
show "curl -s --unix-socket \$GARDEN http://api/containers/$handle/info | jq -c '{State, ContainerPath}'"
printed "{\"State\":\"active\",\"ContainerPath\":\"$GDN_DEPOT/$handle\"}"
show "curl -s --unix-socket \$GARDEN -X PUT http://api/containers/$handle/properties/colour -d '{\"value\":\"blue\"}'"
printed '{}'
show "curl -s --unix-socket \$GARDEN http://api/containers/$handle/properties"
printed '{"colour":"blue","garden.state":"created","owner":"demo"}'

tell "Run and Attach take three connections: garden is the tests' client for that. It ends as the process does, or with 122 if not told how."
show "echo 'hello daemon' | garden run --input $handle '{\"id\":\"shout\",\"path\":\"sh\",\"args\":[\"-c\",\"tr a-z A-Z; exit 9\"]}'"
printed 'HELLO DAEMON'
ended_with 9
show "depotctl list"
mentions "$handle"
show "depotctl wait $handle shout"
ended_with 9

tell 'Kill it while a process prints, and start it again: what came before and what comes after is all that was printed.'
count_across_a_kill

tell 'Kill it, and let a process end while no daemon is there: its last words and its status wait for who comes.'
end_unseen

tell 'Told to stop, it ends well, and the container goes on.'
show "kill -TERM $daemon"
finished "$daemon"
daemon=''
ended_with 0
show "depotctl run $handle echo still here"
printed 'still here'
show "depotctl destroy $handle"
succeeded
