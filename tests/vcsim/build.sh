#!/usr/bin/env bash
# Builds bin/vcsim and bin/importer from Debian's govmomi library: apt-get install golang-go golang-github-vmware-govmomi-dev
set -euo pipefail
cd "$(dirname "$0")"
export GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= CGO_ENABLED=0
go build -o bin/vcsim main.go
go build -o bin/importer importer/main.go
