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

def verity:
  ["## First verdict: thousands of instructions, in a guest that counts them", "",
   "What the first start of a program takes more than the second one, page cache warm.", "",
   "| | 1 MB | 64 MB |", "|---|---:|---:|",
   "| by content | \(.content["1"].verdict | thousands) | \(.content["64"].verdict | thousands) |",
   "| by fs-verity digest | \(.verity["1"].verdict | thousands) | \(.verity["64"].verdict | thousands) |",
   "| second start | \(.content["1"].again | thousands) | \(.content["64"].again | thousands) |"];

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

def part($title; f): if type == "object" and (has("skipped") or has("failed")) then ["## \($title)", "", reason] else f end;

[ "# Measurements", "",
  "`make bench` on \(.about.date), commit \(.about.commit): \(.about.cpu), \(.about.cpus) CPUs, load average \(.about.load_average); host's kernel \(.about.host_kernel), guest's kernel \(.about.guest_kernel) under QEMU \(.about.qemu). docs/BENCH.md says what the figures mean.",
  "" ] +
(.ingest | part("Loading, look-up and memory"; ingest(.))) + [""] +
(.calls | part("System calls"; calls)) + [""] +
(.load | part("Loading signed headers"; load)) + [""] +
((.verity // {skipped: "not asked for"}) | part("First verdict"; verity)) + [""] +
(.fuzz | part("Fuzzing"; fuzz(.))) + [""] +
((.scan // {skipped: "not asked for"}) | part("Scanning a tree"; scan))
| .[]
