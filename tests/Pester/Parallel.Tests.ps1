# One session in several runspaces, and several cmdlets on it at a time.
BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    $tiny = "$Repository/examples/tinyVM.ova"
}

Describe 'In parallel on <mode>' -ForEach @(
    @{ mode = 'esxi'; place = @{ Datastore = 'datastore1' } }
    @{ mode = 'vcenter'; place = @{ Datastore = 'datastore1'; HostName = 'localhost.localdomain' } }
    @{ mode = 'xenserver'; place = @{ NetworkMap = 'Pool-wide network associated with eth0' } }
) {
    BeforeAll {
        $simulator = Start-Simulator @{ mode = $mode; tools = $true }
        $session = Connect-Simulator $simulator
        $on = if ($mode -eq 'xenserver') { 'Running' } else { 'poweredOn' }
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    AfterEach { Clear-Simulator $simulator }

    It 'ForEach-Object imports with -Session $using:' {
        $made = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module $using:ModulePath
            $place = $using:place
            Import-VmOva $using:tiny -Name "vm$_" -Session $using:session @place -ErrorAction Stop
        }
        $made.Name | Sort-Object | Should -Be 'vm1', 'vm2', 'vm3', 'vm4'
        (Send-Order $simulator).Vms.Name | Sort-Object | Should -Be 'vm1', 'vm2', 'vm3', 'vm4'
        # Objects from the other runspace work here.
        ($made | Start-VmInstance -ErrorAction Stop).PowerState | Should -Be 'On', 'On', 'On', 'On'
        $session.IsOpen | Should -BeTrue
    }

    It 'thread jobs import with -Session $using:, and VMs go into them with their session' {
        $jobs = 1..3 | ForEach-Object {
            $name = "job$_"
            Start-ThreadJob {
                Import-Module $using:ModulePath
                $place = $using:place
                Import-VmOva $using:tiny -Name $using:name -Session $using:session @place -ErrorAction Stop
            }
        }
        $vms = $jobs | Receive-Job -Wait -AutoRemoveJob
        $vms.Name | Sort-Object | Should -Be 'job1', 'job2', 'job3'
        $vms | ForEach-Object -Parallel {
            Import-Module $using:ModulePath
            $null = $_ | Start-VmInstance -ErrorAction Stop
        }
        (Send-Order $simulator).Vms.PowerState | Should -Be $on, $on, $on
    }

    It 'many cmdlets at a time do not disturb each other' {
        $null = Import-VmOva $tiny -NamePrefix busy -Count 6 @place -ErrorAction Stop
        $failed = 1..6 | ForEach-Object -ThrottleLimit 6 -Parallel {
            Import-Module $using:ModulePath
            $PSDefaultParameterValues = @{ '*-Vm*:Session' = $using:session; '*-Vm*:ErrorAction' = 'Stop' }
            $name = "busy$_"
            try {
                foreach ($round in 1..3) {
                    $vm = Start-VmInstance $name | Wait-VmInstance -TimeoutSec 60
                    if (-not $vm.IpAddress) { "$name has no address" }
                    if (@(Get-VmInstance).Count -ne 6) { "$name sees other VMs" }
                    $null = Get-VmDatastore; $null = Get-VmNetwork; $null = Get-VmHypervisor; $null = Test-VmSession
                    $vm = Stop-VmInstance $name -Force -Confirm:$false
                    if ($vm.Name -ne $name -or $vm.PowerState -ne 'Off') { "$name is $($vm.Name), $($vm.PowerState)" }
                }
            }
            catch { "${name}: $_" }
        }
        $failed | Should -BeNullOrEmpty
        (Send-Order $simulator).OpenSessions | Should -Be 1
    }

    It 'a session that the host ends meanwhile is renewed for all' {
        $null = Import-VmOva $tiny -Name one @place -ErrorAction Stop
        $null = Send-Order $simulator @{ do = 'expire' }
        $names = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module $using:ModulePath
            (Get-VmInstance one -Session $using:session -ErrorAction Stop).Name
        }
        $names | Should -Be 'one', 'one', 'one', 'one'
        (Send-Order $simulator).OpenSessions | Should -Be 1
    }

    It 'a session that was opened in another runspace is logged out with it' {
        $at = @{ Server = $simulator.Server; Credential = $simulator.Credential; Port = $simulator.HttpsPort; CertificateThumbprint = $simulator.Thumbprint }
        $cmdlet = if ($mode -eq 'xenserver') { 'Connect-Xapi' } else { 'Connect-Esxi' }
        $there = 1..2 | ForEach-Object -Parallel {
            Import-Module $using:ModulePath
            $at = $using:at
            $null = & $using:cmdlet @at
            @(Get-VmSession).Count
        }
        $there | Should -Not -BeNullOrEmpty
        Wait-Until { (Send-Order $simulator).OpenSessions -eq 1 }
        $session.IsOpen | Should -BeTrue
    }

    It 'Remove-Module in another runspace leaves ours alone; here it logs out' {
        Start-ThreadJob {
            Import-Module $using:ModulePath
            $null = Get-VmInstance -Session $using:session
            Remove-Module VmDeploy
        } | Receive-Job -Wait -AutoRemoveJob
        (Test-VmSession $session).IsAlive | Should -BeTrue
        Remove-Module VmDeploy
        (Send-Order $simulator).OpenSessions | Should -Be 0
        Import-Module $ModulePath
        $session = Connect-Simulator $simulator
    }
}
