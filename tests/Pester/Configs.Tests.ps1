# The three configuration files for vSphere, unchanged, on govmomi's vcsim. (dotnet test runs them on the simulators.)
BeforeDiscovery {
    . "$PSScriptRoot/Support/Requires.ps1"
    $missing = -not (Test-Path "$PSScriptRoot/../vcsim/bin/vcsim") -and -not (Test-BuildServer)
    $servers = @(
        if (-not $missing) {
            @{ server = 'vcsim as an ESX host'; arguments = '-tls -vms 2' }
            @{ server = 'vcsim as a vCenter'; arguments = '-tls -vcenter -vms 2'; place = @{ HostName = 'localhost.localdomain' } }
        }
    )
}

Describe 'vcsim' {
    It 'is there' -Skip:$missing {
        "$PSScriptRoot/../vcsim/bin/vcsim" | Should -Exist
    }
}

Describe 'On <server>' -ForEach $servers {
    BeforeAll {
        . "$PSScriptRoot/Support/Import.ps1"
        . "$PSScriptRoot/Support/Simulator.ps1"
        . "$PSScriptRoot/Support/Vcsim.ps1"
        $null = Connect-Vcsim ($vcsim = Start-Vcsim $arguments)
        # If a vCenter has several hosts and the file names none, the command must.
        $where = if ($place) { $place } else { @{} }
        Push-Location "$Repository/examples"
    }

    AfterAll {
        Pop-Location
        Get-VmSession | Disconnect-Esxi
        Stop-Vcsim $vcsim
    }

    BeforeEach {
        $before = (Get-VmInstance).Name
    }

    AfterEach {
        Get-VmInstance tiny*, scratch* | Remove-VmInstance -Force -Confirm:$false -ErrorAction Stop
        (Get-VmInstance).Name | Should -Be $before
    }

    It 'imports what config_question7.json asks for, and starts it' {
        $vms = Get-Content configs/config_question7.json | ConvertFrom-Json | Import-VmOva -ErrorAction Stop
        $vms.Name | Sort-Object | Should -Be 'tinyVM1', 'tinyVM2', 'tinyVM3'
        "$(($vms | Start-VmInstance -ErrorAction Stop).PowerState)" | Should -Be 'On On On'
        @(Get-VmInstance tiny*).Count | Should -Be 3
    }

    It 'imports and clones what config_question8.json asks for' {
        $config = Get-Content configs/config_question8.json | ConvertFrom-Json
        $source = $config | Import-VmOva @where -ErrorAction Stop
        $source.Name | Should -Be 'tinyVM1'
        $clones = $config | New-VmClone -ErrorAction Stop
        $clones.Name | Sort-Object | Should -Be 'tinyVM_clone1', 'tinyVM_clone2', 'tinyVM_clone3', 'tinyVM_clone4'
        $clones.Uuid + $source.Uuid | Select-Object -Unique | Should -HaveCount 5
        # vcsim's CloneVM_Task gives the copies the MAC address of their source.
        if (-not $place) { $clones.NetworkAdapters.MacAddress + $source.NetworkAdapters.MacAddress | Select-Object -Unique | Should -HaveCount 5 }
        $clones.ForEach({ $_.Disks.Count }) | Should -Be 1, 1, 1, 1
    }

    It 'makes what config_question9.json asks for' {
        $iso = Join-Path $TestDrive 'tiny.iso'
        $image = [byte[]]::new(36KB)
        [Text.Encoding]::ASCII.GetBytes("`u{1}CD001").CopyTo($image, 32KB)
        [IO.File]::WriteAllBytes($iso, $image)
        (Send-VmDatastoreFile $iso -Destination iso/ -Datastore datastore1 -ErrorAction Stop).Path | Should -Be '[datastore1] iso/tiny.iso'
        $vm = Get-Content configs/config_question9.json | ConvertFrom-Json | New-VmFromIso @where -ErrorAction Stop
        $vm.Name | Should -Be 'scratch1'
        ($vm | Get-VmCdrom).Medium.Path | Should -Be '[datastore1] iso/tiny.iso'
        ($vm | Start-VmInstance -ErrorAction Stop).PowerState | Should -Be 'On'
    }

    It '-WhatIf makes nothing' {
        Get-Content configs/config_question7.json | ConvertFrom-Json | Import-VmOva -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
        (Get-VmInstance).Name | Should -Be $before
    }

    It 'lists the valid names when one is wrong' {
        $caught = $null
        try { Import-VmOva tinyVM.ova -Datastore nowhere -HostName localhost.localdomain -ErrorAction Stop } catch { $caught = $_ }
        $caught.FullyQualifiedErrorId | Should -Be 'DatastoreNotFound,VmDeploy.PowerShell.ImportVmOvaCommand'
        $caught.Exception.Message | Should -Match 'datastore1'
    }
}
