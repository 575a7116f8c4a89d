BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    $simulator = Start-Simulator @{ tools = $true }
    $session = Connect-Simulator $simulator
    $tiny = "$Repository/examples/tinyVM.ova"
}

AfterAll {
    Get-VmSession | Disconnect-Esxi
    Stop-Simulator $simulator
}

Describe '<cmd>' -ForEach @(
    @{ cmd = 'Get-VmDatastore'; one = 'datastore1'; pattern = 'datastore*'; count = 2; id = 'DatastoreNotFound'; table = 'Name\s+Type\s+CapacityGB\s+FreeGB' }
    @{ cmd = 'Get-VmNetwork'; one = 'VM Network'; pattern = 'VM*'; count = 1; id = 'NetworkNotFound'; table = 'Name\s+Type\s+Vlan' }
    @{ cmd = 'Get-VmHypervisor'; one = 'localhost.localdomain'; pattern = 'local*'; count = 1; id = 'HostNotFound'; table = 'Name\s+Product\s+CpuCores\s+MemoryGB' }
) {
    It 'lists all, and finds by name and pattern' {
        (& $cmd).Name | Should -Contain $one
        (& $cmd $one).Name | Should -Be $one
        @(& $cmd $pattern).Count | Should -Be $count
        (& $cmd $one).Session.Id | Should -Be $session.Id
    }

    It 'says <id> for a name that is not there, and gives the others' {
        $found = & $cmd nowhere, $one -ErrorVariable failures -ErrorAction SilentlyContinue
        $found.Name | Should -Be $one
        $failures.FullyQualifiedErrorId | Should -BeLike "$id,VmDeploy.PowerShell.*"
        $failures[0].ErrorDetails.RecommendedAction | Should -Match 'lists them all'
    }

    It 'shows a table' {
        $PSStyle.OutputRendering = 'PlainText'
        & $cmd | Out-String | Should -Match $table
    }
}

Describe 'Get-VmTemplate' {
    It 'lists nothing on a standalone host, without an error' {
        Get-VmTemplate -ErrorAction Stop | Should -BeNullOrEmpty
    }
}

Describe 'Wait-VmInstance' {
    BeforeAll { $vm = Import-VmOva $tiny -Name waited -Datastore datastore1 }
    AfterAll { $vm | Remove-VmInstance -Force -Confirm:$false }

    It 'waits for an address after a start, and emits the VM with it' {
        ($vm | Start-VmInstance | Wait-VmInstance -TimeoutSec 30 -ErrorAction Stop).IpAddress | Should -Match '^\d+\.\d+\.\d+\.\d+$'
    }

    It 'says WaitTimeout when it takes too long' {
        { Wait-VmInstance waited Off -TimeoutSec 1 -ErrorAction Stop } |
            Should -Throw -ErrorId 'WaitTimeout,VmDeploy.PowerShell.WaitVmInstanceCommand'
    }
}
