#!/usr/bin/env bats
# What bash is told while a depotctl command line is being typed.

load helpers
load depotctl.bash

setup_file() {
	depotctl_setup_file
	depotctl run -d --id finished "$SHARED" true
	depotctl run -d --id sleeping "$SHARED" sleep 1000
}
teardown_file() { depot_end; }
setup() { handle=$SHARED; }

# answers WORDS...: what may stand in place of the last one.
answers() {
	depotctl completion bash "$@"
}

@test "completion: commands" {
	assert_equal "$(answers s | sort)" "$(printf '%s\n' signal stop stream-in stream-out)"
	assert_equal "$(answers '' | wc -l)" 14
	assert_equal "$(answers help de)" destroy
	assert_equal "$(answers --json li)" list
	assert_equal "$(answers --depot "$DEPOT" li)" list
	assert_equal "$(answers completion '')" bash
}

@test "completion: flags of the command and of every command" {
	assert_equal "$(answers wait --t)" --timeout
	assert_equal "$(answers list --q)" --quiet
	assert_equal "$(answers list --ro)" ''
	assert_equal "$(answers run --ro)" --rootfs
	assert_equal "$(answers --de)" --depot
	# Every flag that help shows is offered.
	for command in create list run attach wait stop destroy stream-in; do
		for flag in $(depotctl help "$command" | sed -n 's/^ .*\(--[a-z-]*\).*/\1/p'); do
			answers "$command" -- | grep -qx -- "$flag" || fail "$command $flag"
		done
	done
}

@test "completion: handles and ids" {
	create
	for command in info run attach wait signal ps stop destroy stream-in stream-out; do
		assert_equal "$(answers "$command" "$SHARED")" "$SHARED"
		assert_equal "$(answers "$command" '' | sort)" "$(printf '%s\n' "$SHARED" "$handle" | sort)"
	done
	assert_equal "$(answers destroy "$SHARED" '' | wc -l)" 2
	assert_equal "$(answers ps "$SHARED" '')" ''
	for command in attach wait signal; do
		assert_equal "$(answers "$command" "$SHARED" '')" "$(printf '%s\n' finished sleeping)"
		assert_equal "$(answers "$command" "$SHARED" s)" sleeping
		assert_equal "$(answers "$command" nobody '')" ''
	done
	assert_equal "$(answers signal "$SHARED" sleeping TE)" TERM
	assert_equal "$(answers wait --timeout 3 "$SHARED" f)" finished
	depotctl destroy "$handle"
}

@test "completion: the depot that was typed is the one looked at" {
	assert_equal "$("$BIN/depotctl" completion bash --depot "$DEPOT" info "$SHARED")" "$SHARED"
	assert_equal "$("$BIN/depotctl" completion bash --depot = "$DEPOT" info "$SHARED")" "$SHARED"
	assert_equal "$("$BIN/depotctl" completion bash info --depot "$DEPOT" '')" "$SHARED"
	assert_equal "$("$BIN/depotctl" completion bash --depot /nowhere info '')" ''
}

@test "completion: values of flags" {
	assert_equal "$(answers create --rootfs '')" :directories
	assert_equal "$(answers create --rootfs =)" :directories
	assert_equal "$(answers --dadoo-bin '')" :files
	assert_equal "$(answers run --rlimit no)" nofile=
	assert_equal "$(answers create --memory '')" ''
}

@test "completion: the command line of another program is none of ours" {
	assert_equal "$(answers run "$SHARED" sh -)" ''
	assert_equal "$(answers run "$SHARED" '')" ''
}

# complete_in_bash WORDS...: what bash itself would offer.
complete_in_bash() {
	PATH=$BIN:$PATH bash -c 'source <(depotctl completion bash) && complete -p depotctl >/dev/null || exit 1
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		compopt() { :; }
		_depotctl && printf "%s\n" "${COMPREPLY[@]}"' bash "$@" 3>&- 4>&-
}

@test "completion: the script works in bash" {
	assert_equal "$(complete_in_bash depotctl des)" destroy
	assert_equal "$(complete_in_bash depotctl --depot "$DEPOT" wait "$SHARED" f)" finished
	assert_equal "$(complete_in_bash depotctl --depot = "$DEPOT" info "$SHARED")" "$SHARED"
	mkdir "$SCRATCH/folder"
	: >"$SCRATCH/file"
	assert_equal "$(complete_in_bash depotctl create --rootfs "$SCRATCH/fol")" "$SCRATCH/folder"
	assert_equal "$(complete_in_bash depotctl create --rootfs = "$SCRATCH/fol")" "$SCRATCH/folder"
	assert_equal "$(complete_in_bash depotctl list --dadoo-bin "$SCRATCH/fi")" "$SCRATCH/file"
}
