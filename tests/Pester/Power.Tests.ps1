BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    $simulator = Start-Simulator @{ tools = $true }
    $null = Connect-Simulator $simulator
    $null = Import-VmOva "$Repository/examples/tinyVM.ova" -Datastore datastore1 -UploadEach -Name vm-00001, vm-00002, vm-00003 -ThrottleLimit 1
}

AfterAll {
    Get-VmSession | Disconnect-Esxi
    Stop-Simulator $simulator
}

Describe 'Get-VmInstance' {
    It 'lists all' {
        (Get-VmInstance).Name | Should -Be (Send-Order $simulator).Vms.Name
    }

    It 'finds by <what>' -ForEach @(
        @{ what = 'position'; find = { Get-VmInstance vm-00002 }; names = 'vm-00002' }
        @{ what = 'name in any case'; find = { Get-VmInstance VM-00002 }; names = 'vm-00002' }
        @{ what = 'wildcard'; find = { Get-VmInstance 'vm-0000[12]' }; names = 'vm-00001', 'vm-00002' }
        @{ what = 'several names'; find = { Get-VmInstance vm-00003, vm-00001 }; names = 'vm-00001', 'vm-00003' }
        @{ what = 'piped names'; find = { 'vm-00003', 'vm-00001' | Get-VmInstance }; names = 'vm-00003', 'vm-00001' }
        @{ what = 'property'; find = { [pscustomobject]@{ Name = 'vm-00001' } | Get-VmInstance }; names = 'vm-00001' }
        @{ what = 'id'; find = { Get-VmInstance -Id (Get-VmInstance vm-00002).Id }; names = 'vm-00002' }
    ) {
        (& $find).Name | Should -Be $names
    }

    It 'says VmNotFound for each name without a VM, and lists the others' {
        $found = Get-VmInstance nobody, vm-00001, nothing -ErrorVariable failures -ErrorAction SilentlyContinue
        $found.Name | Should -Be 'vm-00001'
        $failures.FullyQualifiedErrorId | Select-Object -Unique | Should -Be 'VmNotFound,VmDeploy.PowerShell.GetVmInstanceCommand'
        $failures.TargetObject | Sort-Object | Should -Be 'nobody', 'nothing'
    }

    It 'says nothing about a wildcard without a match' {
        Get-VmInstance 'nobody*' -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'says VmNotFound for an id without a VM' {
        { Get-VmInstance -Id vm-99999 -ErrorAction Stop } | Should -Throw -ErrorId 'VmNotFound,VmDeploy.PowerShell.GetVmInstanceCommand'
    }

    It 'gives objects that can be read again' {
        $vm = Get-VmInstance vm-00001
        $null = Start-VmInstance vm-00001
        "$($vm.PowerState)" | Should -Be 'Off'
        $vm.Refresh()
        "$($vm.PowerState)" | Should -Be 'On'
        $null = Stop-VmInstance vm-00001 -Force -Confirm:$false
    }

    It 'shows a table whose headings are properties' {
        $PSStyle.OutputRendering = 'PlainText'
        $table = Get-VmInstance vm-00001 | Out-String
        $table | Should -Match 'Name\s+PowerState\s+CpuCount\s+MemoryMB\s+IpAddress\s+Server'
        $table | Should -Match 'vm-00001\s+Off\s+1\s+32 '
    }
}

Describe 'Power' {
    AfterEach { $null = Get-VmInstance | Stop-VmInstance -Force -Confirm:$false }

    It 'Start emits the VM as it is now' {
        $started = Get-VmInstance vm-00001, vm-00002 | Start-VmInstance
        $started.Name | Should -Be 'vm-00001', 'vm-00002'
        "$($started.PowerState)" | Should -Be 'On On'
        (Send-Order $simulator).Vms.PowerState | Should -Be 'poweredOn', 'poweredOn', 'poweredOff'
    }

    It 'Start of a running VM changes nothing and is no error' {
        $null = Start-VmInstance vm-00001
        "$((Start-VmInstance vm-00001 -ErrorAction Stop).PowerState)" | Should -Be 'On'
    }

    It 'Stop shuts the guest down' {
        $vm = Start-VmInstance vm-00001
        Wait-Until { $vm.Refresh(); $vm.IpAddress }
        "$((Stop-VmInstance $vm -TimeoutSec 30 -ErrorAction Stop).PowerState)" | Should -Be 'Off'
    }

    It 'takes names with wildcards' {
        (Start-VmInstance 'vm-*').Count | Should -Be 3
    }

    It 'one that is missing does not keep the others from starting' {
        $started = 'vm-00001', 'nobody', 'vm-00002' | Start-VmInstance -ErrorVariable failures -ErrorAction SilentlyContinue
        $started.Name | Should -Be 'vm-00001', 'vm-00002'
        $failures.FullyQualifiedErrorId | Should -Be 'VmNotFound,VmDeploy.PowerShell.StartVmInstanceCommand'
    }

    It 'a fault of the host for one VM does not keep the others from starting' {
        $null = Send-Order $simulator @{ do = 'fail'; method = 'PowerOnVM_Task'; fault = 'InsufficientResourcesFault' }
        $started = Get-VmInstance | Start-VmInstance -ErrorVariable failures -ErrorAction SilentlyContinue
        $started.Count | Should -Be 2
        $failures.FullyQualifiedErrorId | Should -Be 'InsufficientResources,VmDeploy.PowerShell.StartVmInstanceCommand'
    }

    It '-ErrorAction Stop ends it there' {
        { 'vm-00001', 'nobody', 'vm-00002' | Start-VmInstance -ErrorAction Stop } |
            Should -Throw -ErrorId 'VmNotFound,VmDeploy.PowerShell.StartVmInstanceCommand'
        (Send-Order $simulator).Vms.PowerState | Should -Be 'poweredOn', 'poweredOff', 'poweredOff'
    }

    It '-WhatIf of a stop changes nothing' {
        $null = Start-VmInstance vm-00001
        Get-VmInstance | Stop-VmInstance -Force -WhatIf | Should -BeNullOrEmpty
        (Send-Order $simulator).Vms.PowerState | Should -Be 'poweredOn', 'poweredOff', 'poweredOff'
    }
}

Describe 'Without tools in the guest' {
    It 'Stop says what to do, and -Force does it' {
        $other = Start-Simulator
        $session = Connect-Simulator $other
        $vm = Import-VmOva "$Repository/examples/tinyVM.ova" -Session $session -Datastore datastore1 -PowerOn
        { $vm | Stop-VmInstance -ErrorAction Stop } | Should -Throw -ErrorId 'ToolsNotRunning,VmDeploy.PowerShell.StopVmInstanceCommand'
        # The VM brings its session, although two are open.
        "$(($vm | Stop-VmInstance -Force -Confirm:$false).PowerState)" | Should -Be 'Off'
        Disconnect-Esxi $session
        { $vm | Start-VmInstance -ErrorAction Stop } | Should -Throw -ErrorId 'SessionClosed,VmDeploy.PowerShell.StartVmInstanceCommand'
        Stop-Simulator $other
    }
}

Describe 'Confirmation' {
    BeforeEach { $null = Start-VmInstance vm-00001 }

    It 'is asked for by <cmd> and <answer> is heeded' -ForEach @(
        @{ cmd = 'Stop-VmInstance vm-00001 -Force'; answer = 'n'; state = 'poweredOn'; asked = 1 }
        @{ cmd = 'Stop-VmInstance vm-00001 -Force'; answer = 'y'; state = 'poweredOff'; asked = 1 }
        @{ cmd = 'Stop-VmInstance vm-00001 -Force -Confirm'; answer = 'y'; state = 'poweredOff'; asked = 1 }
        @{ cmd = 'Stop-VmInstance vm-00001 -Force -Confirm:$false'; answer = 'n'; state = 'poweredOff'; asked = 0 }
        @{ cmd = '$ConfirmPreference = "None"; Stop-VmInstance vm-00001 -Force'; answer = 'n'; state = 'poweredOff'; asked = 0 }
        @{ cmd = 'Stop-VmInstance vm-00001 -TimeoutSec 30'; answer = 'n'; state = 'poweredOff'; asked = 0 }
    ) {
        Wait-Until { (Get-VmInstance vm-00001).IpAddress }
        $said = Invoke-Child $simulator $cmd $answer
        ([regex]::Matches($said, 'Performing the operation')).Count | Should -Be $asked -Because $said
        (Send-Order $simulator).Vms[0].PowerState | Should -Be $state
    }
}
