# SPDX-License-Identifier: LGPL-2.1-or-later
# A thin layer over meson and ninja: each target is one command that can be typed by hand.

BUILD ?= build
DESTDIR ?=

.PHONY: all setup check check-long demo demo-attest bench fuzz san format format-check tidy install packages clean

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	meson setup $(BUILD)

setup:
	tools/setup

check: setup
	tools/check --build $(BUILD)

check-long: setup
	tools/check --build $(BUILD) --long

demo: setup all
	tools/demo

demo-attest: setup all
	tools/demo-attest

bench: setup all
	bench/run --build $(BUILD)

fuzz: setup
	tools/fuzz

san: setup
	tools/san

format:
	tools/format

format-check:
	tools/format --check

tidy: all
	tools/tidy --build $(BUILD)

install: all
	meson install -C $(BUILD) --no-rebuild $(if $(DESTDIR),--destdir $(abspath $(DESTDIR)))

packages: setup
	tools/packages --out $(BUILD)/packages

clean:
	rm -rf $(BUILD) build-san build-fuzz
