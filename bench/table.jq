# SPDX-License-Identifier: LGPL-2.1-or-later
# The table of bench/run, from its JSON.
def round1: . * 10 | round / 10;
def times($x): "\(. / $x * 100 | round / 100)";
def thousands: "\(. / 1000 | round)";
def reason: "Not measured: \(.skipped // .failed)";

def ingest($rows):
  ["## Loading: nanoseconds a digest, in the host's kernel", "",
   "Lists of \($rows[0].digests_per_list) digests. Ratios are against the same parser in user space, and against a BPF hash map with and without preallocation.", "",
   "| digests | format | parse | in user space | ratio | insert | / hash | / hash, no prealloc | parse + insert | remove |",
   "|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|",
   ($rows[] | "| \(.digests) | \(.format) | \(.parse_ns | round1) | \(.parse_user_ns | round1) | \(.parse_user_ns as $u | .parse_ns | times($u)) | \(.insert_ns.store | round1) | \(.insert_ns.hash as $h | .insert_ns.store | times($h)) | \(.insert_ns.hash_dyn as $h | .insert_ns.store | times($h)) | \(.parse_insert_ns | round1) | \(.remove_ns | round1) |"),
   "", "## Look-up: nanoseconds a digest, in the host's kernel", "",
   "| digests | found | / hash | / hash, no prealloc | not found | / hash | / hash, no prealloc | longest chain |",
   "|---:|---:|---:|---:|---:|---:|---:|---:|",
   ($rows[] | select(.format == "rpm") | "| \(.digests) | \(.hit_ns.store | round1) | \(.hit_ns.hash as $h | .hit_ns.store | times($h)) | \(.hit_ns.hash_dyn as $h | .hit_ns.store | times($h)) | \(.miss_ns.store | round1) | \(.miss_ns.hash as $h | .miss_ns.store | times($h)) | \(.miss_ns.hash_dyn as $h | .miss_ns.store | times($h)) | \(.longest_chain) |"),
   "", "## Kernel memory: bytes a digest", "",
   "With the references of the lists and room for 1,024 lists. Target: at most 64 at 100,000 digests; earlier generations took 112 and 1,447.", "",
   "| digests | store and lists | store alone | hash | hash, no prealloc |",
   "|---:|---:|---:|---:|---:|",
   ($rows[] | select(.format == "rpm") | "| \(.digests) | **\(.bytes_per_digest.store)** | \(.bytes_per_digest.store_without_lists) | \(.bytes_per_digest.hash) | \(.bytes_per_digest.hash_dyn) |")];

def calls:
  ["## System calls: instructions, in a guest that counts them", "",
   "Detached, with BPF programs on the same hooks that do nothing, and enforcing: \(.rounds) rounds of each in one boot. Added is what DIGLIM adds to the first. Targets: exec at most 3 %, open at most 2 %. Medians of batches of 100 calls; the spread is the greatest difference between rounds of the same state.", "",
   "| call | repetitions | detached | empty programs | enforcing | added | share | spread | with interpreters = on | share |",
   "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
   (.calls[] | "| \(.call) | \(.repetitions) | \(.detached | round) | \(.empty | round) | \(.enforcing | round) | \(.added | round) | **\(.percent) %** | \(.spread_percent | . * 100 | round / 100) % | \(.interpreters // 0 | round) | \(.interpreters_percent // "-") % |")];

def load:
  ["## Loading \(.lists) signed headers: thousands of instructions a header, in a guest that counts them", "",
   "\(.digests) digests, headers of \(.payload_bytes) bytes, \(.key) bits.", "",
   "| | kernel | user space |", "|---|---:|---:|",
   "| copy, head, identity | \(.copy_and_head | thousands) | |",
   "| signature | \(.signature | thousands) (\(100 * .signature / .load | round) %) | \(.signature_user | thousands) (OpenSSL) |",
   "| walk, insert, record | \(.walk_and_insert | thousands) | \(.parse_user | thousands) (walk only) |",
   "| **load** | **\(.load | thousands)** | |",
   "| all \(.lists): seconds at one instruction a nanosecond | \(.load * .lists / 1e9 | round1) | |",
   "| remove | \(.remove | thousands) | |"];

# A value for each number of packages, and how much it grows with one.
def bootrow($title; $unit; f):
  . as $rows | [$rows[] | f] as $v
  | "| \($title) | " + ([$v[] | . / $unit | round1 | tostring] | join(" | "))
    + " | \(($v[-1] - $v[0]) / ($rows[-1].lists - $rows[0].lists) / $unit * 1000 | round | . / 1000) |";

def boot:
  .rows as $rows | .native as $native |
  ["## Start of the machine: diglim-init, in a guest that counts instructions", "",
   "Lists of packages as above, \($rows[0].key) bits; the last column is what one more package takes. Millions of instructions, at one a nanosecond milliseconds.", "",
   "| packages | " + ([$rows[].lists | tostring] | join(" | ")) + " | one more |",
   "|---|" + ([$rows[] | "---:|"] | join("")) + "---:|",
   ($rows | bootrow("lists, kB"; 1000; .file_bytes)),
   ($rows | bootrow("read by diglim-init, kB"; 1000; .read_bytes)),
   ($rows | bootrow("hashed for signatures, kB"; 1000; .hashed_bytes)),
   ($rows | bootrow("signatures verified"; 1; .init.lists)),
   ($rows | bootrow("digests"; 1; .init.digests)),
   ($rows | bootrow("attach"; 1000; .init.attach_us)),
   ($rows | bootrow("look at lists, reading them"; 1000; .init.read_us)),
   ($rows | bootrow("load lists"; 1000; .init.feed_us)),
   ($rows | bootrow("**all of diglim-init**"; 1000; .init.total_us)),
   ($rows | bootrow("of load: copy, head, identity"; 1e6; .malformed)),
   ($rows | bootrow("of load: signatures"; 1e6; .again - .malformed)),
   ($rows | bootrow("of load: reading, walk, insert, record"; 1e6; .init.feed_us * 1000 - .again)),
   ($rows | bootrow("user space: reading"; 1e6; .read_user)),
   ($rows | bootrow("user space: signatures (OpenSSL)"; 1e6; .verify_user)),
   ($rows | bootrow("user space: walk, nothing kept"; 1e6; .parse_user)),
   ($rows | bootrow("**user space**"; 1e6; .read_user + .verify_user + .parse_user)),
   "", "| for each, thousands of instructions | " + ([$rows[].lists | tostring] | join(" | ")) + " |",
   "|---|" + ([$rows[] | "---:|"] | join("")),
   "| signature, kernel | " + ([$rows[] | (.again - .malformed) / .lists / 1000 | round | tostring] | join(" | ")) + " |",
   "| signature, user space | " + ([$rows[] | .verify_user / .lists / 1000 | round | tostring] | join(" | ")) + " |",
   "| digest, kernel: all but the signature | " + ([$rows[] | (.init.feed_us * 1000 - .again + .malformed) / .digests / 1000 | . * 100 | round / 100 | tostring] | join(" | ")) + " |",
   "| digest, user space: all but the signature | " + ([$rows[] | (.read_user + .parse_user) / .digests / 1000 | . * 100 | round / 100 | tostring] | join(" | ")) + " |",
   "| load, of user space | " + ([$rows[] | (.init.feed_us * 1000) / (.read_user + .verify_user + .parse_user) | . * 100 | round / 100 | tostring] | join(" | ")) + " |",
   "",
   if $native then "On the host itself, not emulated: a signature takes \($native.kernel_us) µs in the kernel, \($native.user_us) µs in user space (with hashing and all checks); \($rows[-1].lists) of them \($native.kernel_us * $rows[-1].lists / 1e4 | round / 100) s in the kernel." else "This host's kernel does not verify signatures for us: no native time." end];

def verity:
  ["## First verdict: thousands of instructions, in a guest that counts them", "",
   "What the first start of a program takes more than the second one, page cache warm.", "",
   "| | 1 MB | 64 MB |", "|---|---:|---:|",
   "| by content | \(.content["1"].verdict | thousands) | \(.content["64"].verdict | thousands) |",
   "| by fs-verity digest | \(.verity["1"].verdict | thousands) | \(.verity["64"].verdict | thousands) |",
   "| second start | \(.content["1"].again | thousands) | \(.content["64"].again | thousands) |"];

def gaterow($name; f):
  (.detached | map(f)) as $a | (.attached | map(f)) as $b | (.gate | map(f)) as $c
  | "| \($name) | \($a | add / 2 | round) | \($b | add / 2 | round) | \($c | add / 2 | round) | **\(($c | add) - ($b | add) | . / 2 | round)** | \((($c | add) / ($b | add) - 1) * 1000 | round / 10) % | \([$a, $b, $c] | map((max - min) / min * 1000) | max | round / 10) % |";

def gate:
  ["## TPM gate: instructions, in a guest that counts them", "",
   "A byte of a file in the page cache, a byte to /dev/null, a command of no bytes to /dev/tpmrm0, which ends before the TPM: \(.repetitions) repetitions, means of two rounds.", "",
   "| call | detached | attached | with gate = on | added by the gate | share | spread |",
   "|---|---:|---:|---:|---:|---:|---:|",
   gaterow("read"; .read), gaterow("write"; .write), gaterow("tpm"; .tpm)];

def fuzz($rows):
  ["## Fuzzing: executions a second", "", "One process, AddressSanitizer and UndefinedBehaviorSanitizer.", "",
   "| target | a second |", "|---|---:|",
   ($rows[] | "| \(.target) | \(.per_second // "failed") |")];

def scan:
  ["## Scanning a tree: seconds", "",
   "\(.files) programs, \(.bytes / 1e6 | round) MB, \(.threads) threads, page cache warm; least of the rounds. Target: at least 0.8 of the speed of sha256sum.", "",
   "| sha256sum | diglim scan | speed, of sha256sum | diglim import --dpkg | speed, of sha256sum |",
   "|---:|---:|---:|---:|---:|",
   "| \(.sha256sum_s) | \(.scan_s) | **\(.speed_ratio)** | \(.dpkg_s) | **\(.dpkg_ratio)** |"];

def fleet:
  ["## Evidence of a fleet: seconds", "",
   "\(.machines) machines with \(.lists) lists each (an event log of \(.log_bytes) bytes), \(.threads) threads, page cache warm; least of the rounds. Beside it what nobody can leave out: reading the files, the signature of each quote, one SHA-256 over each log.", "",
   "| signatures and hashing | diglim attest verify --fleet | ratio | machines a second |",
   "|---:|---:|---:|---:|",
   "| \(.bare_s) | \(.verify_s) | **\(.ratio)** | \(.per_second) |"];

def part($title; f): if type == "object" and (has("skipped") or has("failed")) then ["## \($title)", "", reason] else f end;

[ "# Measurements", "",
  "`make bench` on \(.about.date), commit \(.about.commit): \(.about.cpu), \(.about.cpus) CPUs, load average \(.about.load_average); host's kernel \(.about.host_kernel), guest's kernel \(.about.guest_kernel) under QEMU \(.about.qemu). docs/BENCH.md says what the figures mean.",
  "" ] +
(.ingest | part("Loading, look-up and memory"; ingest(.))) + [""] +
(.calls | part("System calls"; calls)) + [""] +
(.load | part("Loading signed headers"; load)) + [""] +
((.boot // {skipped: "not asked for"}) | part("Start of the machine"; boot)) + [""] +
((.verity // {skipped: "not asked for"}) | part("First verdict"; verity)) + [""] +
((.gate // {skipped: "not asked for"}) | part("TPM gate"; gate)) + [""] +
(.fuzz | part("Fuzzing"; fuzz(.))) + [""] +
((.scan // {skipped: "not asked for"}) | part("Scanning a tree"; scan)) + [""] +
((.fleet // {skipped: "not asked for"}) | part("Evidence of a fleet"; fleet))
| .[]
