BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    Push-Location "$Repository/examples"
}

AfterAll { Pop-Location }

Describe 'New-VmClone on <mode>' -ForEach @(@{ mode = 'esxi' }, @{ mode = 'vcenter' }) {
    BeforeAll {
        $simulator = Start-Simulator @{ mode = $mode }
        $null = Connect-Simulator $simulator
    }

    AfterAll {
        Get-VmSession | Disconnect-Esxi
        Stop-Simulator $simulator
    }

    AfterEach { Clear-Simulator $simulator }

    It 'makes what config_question8.json asks for, after Import-VmOva has made the source' {
        $config = Get-Content configs/config_question8.json | ConvertFrom-Json
        ($config | Import-VmOva -HostName localhost.localdomain -ErrorAction Stop).Name | Should -Be 'tinyVM1'
        $clones = $config | New-VmClone -ErrorAction Stop
        $clones.Name | Sort-Object | Should -Be 'tinyVM_clone1', 'tinyVM_clone2', 'tinyVM_clone3', 'tinyVM_clone4'
        ($clones.Uuid | Select-Object -Unique).Count | Should -Be 4
        (Get-VmInstance).Count | Should -Be 5
    }

    It 'names copies: <what>' -ForEach @(
        @{ what = 'piped'; clone = { Get-VmInstance source | New-VmClone }; names = 'source_clone1' }
        @{ what = 'piped, counted'; clone = { Get-VmInstance source | New-VmClone -Count 2 }; names = 'source_clone1', 'source_clone2' }
        @{ what = 'piped, named'; clone = { Get-VmInstance source | New-VmClone -Name web, db }; names = 'db', 'web' }
        @{ what = 'by the name of the source'; clone = { New-VmClone -SourceName source -NamePrefix x }; names = 'x_clone1' }
        @{ what = 'by position'; clone = { New-VmClone source }; names = 'source_clone1' }
        @{ what = 'by position, with a wildcard'; clone = { New-VmClone sou* -Count 2 }; names = 'source_clone1', 'source_clone2' }
        @{ what = 'a VM by position'; clone = { New-VmClone (Get-VmInstance source) -Name web }; names = 'web' }
        @{ what = 'a piped name'; clone = { 'source' | New-VmClone -Name web }; names = 'web' }
        @{ what = 'by a pattern'; clone = { Get-VmInstance source | New-VmClone -NamePattern 'web-{n:00}-of-{source}' -Count 2 }; names = 'web-01-of-source', 'web-02-of-source' }
        @{ what = 'by a pattern in JSON'; clone = { '{ "source": "source", "name_pattern": "{source}{n}", "num_clones": 2 }' | ConvertFrom-Json | New-VmClone }; names = 'source1', 'source2' }
        @{ what = 'several sources'; clone = { $null = New-VmClone source -Name other; New-VmClone source, other -NamePattern 'of-{source}' }; names = 'of-other', 'of-source' }
    ) {
        $ErrorActionPreference = 'Stop'
        $null = Import-VmOva tinyVM.ova -Name source -Datastore datastore1 -HostName localhost.localdomain
        (& $clone).Name | Sort-Object | Should -Be $names
    }

    It 'changes CPUs and memory when asked, and takes them from JSON' {
        $null = Import-VmOva tinyVM.ova -Name source -Datastore datastore1 -HostName localhost.localdomain -ErrorAction Stop
        $clone = '{ "source": "source", "name": "big", "cpu": 2, "memory": 64 }' | ConvertFrom-Json | New-VmClone -ErrorAction Stop
        $clone.CpuCount | Should -Be 2
        $clone.MemoryMB | Should -Be 64
    }

    It '-WhatIf changes nothing' {
        $null = Import-VmOva tinyVM.ova -Name source -Datastore datastore1 -HostName localhost.localdomain -ErrorAction Stop
        Get-VmInstance source | New-VmClone -Count 3 -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
        (Get-VmInstance).Name | Should -Be 'source'
    }

    It 'says <id>: <what>' -ForEach @(
        @{ id = 'CloneSourceMissing'; what = 'no source'; clone = { New-VmClone } }
        @{ id = 'VmNotFound'; what = 'no such source'; clone = { New-VmClone -SourceName nobody } }
        @{ id = 'VmNotFound'; what = 'no such source, by position'; clone = { New-VmClone nobody } }
        @{ id = 'NameInvalid'; what = 'a pattern with an unknown part'; clone = { New-VmClone source -NamePattern '{host}-{n}' }; needs = 'source' }
        @{ id = 'DuplicateVmName'; what = 'a pattern without a number'; clone = { New-VmClone source -NamePattern '{source}-x' -Count 2 }; needs = 'source' }
        @{ id = 'VmNotFound'; what = 'JSON whose source was never imported'; clone = { Get-Content configs/config_question8.json | ConvertFrom-Json | New-VmClone } }
    ) {
        $ErrorActionPreference = 'Stop'
        if ($needs) { $null = Import-VmOva tinyVM.ova -Name $needs -Datastore datastore1 -HostName localhost.localdomain }
        { & $clone } | Should -Throw -ErrorId "$id,VmDeploy.PowerShell.NewVmCloneCommand"
    }
}
