# The same lines on every kind of host, as in Story.Tests.ps1.
Describe 'Hardware of existing VMs on <mode>' -ForEach @(@{ mode = 'esxi' }, @{ mode = 'vcenter' }, @{ mode = 'xenserver' }) {
    BeforeAll {
        . "$PSScriptRoot/Support/Import.ps1"
        . "$PSScriptRoot/Support/Simulator.ps1"
        $simulator = Start-Simulator @{ mode = $mode; tools = $true }
        $session = Connect-Simulator $simulator
        $place = @{
            HostName  = (Get-VmHypervisor | Select-Object -Last 1).Name
            Datastore = (Get-VmDatastore 'datastore1', 'Local storage' -ErrorAction Ignore).Name
        }
        $first, $other = if ($mode -eq 'xenserver') { 'Pool-wide network associated with eth0', 'Pool-wide network associated with eth1' } else { 'VM Network', 'Lab' }
        $null = Import-VmOva "$Repository/examples/tinyVM.ova" -Name web1, web2 @place -ThrottleLimit 1 -ErrorAction Stop
        function Get-There([string]$Name) { (Send-Order $simulator).Vms | Where-Object Name -EQ $Name }
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It 'changes CPUs, memory, name and notes' {
        $vm = '{ "name": "web2", "cpu": 4, "memory": 256, "new_name": "db1", "annotation": "a database" }' | ConvertFrom-Json | Set-VmInstance -ErrorAction Stop
        "$($vm.Name) $($vm.CpuCount) $($vm.MemoryMB) $($vm.Annotation)" | Should -Be 'db1 4 256 a database'
        $there = Get-There db1
        "$($there.CpuCount) $($there.MemoryMB) $($there.Annotation)" | Should -Be '4 256 a database'
        Get-There web2 | Should -BeNullOrEmpty
    }

    It 'adds a disk, makes it larger, moves it to another VM and deletes it there' {
        $disk = Get-VmInstance web1 | Add-VmDisk -SizeGB 1 -ErrorAction Stop
        $disk.CapacityGB | Should -Be 1
        $disk = $disk | Set-VmDisk -SizeGB 2 -ErrorAction Stop
        (Get-There web1).Disks.CapacityBytes | Should -Contain 2GB
        { $disk | Set-VmDisk -SizeGB 1 -ErrorAction Stop } | Should -Throw -ErrorId 'HardwareInvalid,*' -ExpectedMessage '*1 GB*2 GB*'
        $disk | Remove-VmDisk -KeepFile -Confirm:$false -ErrorAction Stop
        (Get-There web1).Disks.Count | Should -Be 1
        $moved = Add-VmDisk db1 -DiskPath $disk.Path -ErrorAction Stop
        (Get-There db1).Disks.CapacityBytes | Should -Contain 2GB
        $file = ((Get-There db1).Disks | Where-Object CapacityBytes -EQ 2GB).LocalPath
        Remove-VmDisk db1 -Label $moved.Label -Confirm:$false -ErrorAction Stop
        (Get-There db1).Disks.Count | Should -Be 1
        $file | Should -Not -Exist
    }

    It 'adds an adapter, moves it, disconnects and removes it, all while the VM runs' {
        $null = Start-VmInstance web1 | Wait-VmInstance -For Tools -TimeoutSec 60 -ErrorAction Stop
        $nic = Add-VmNetworkAdapter web1 -Network $first -MacAddress 00:50:56:11:22:33 -ErrorAction Stop
        $nic.IsConnected | Should -BeTrue
        $nic = $nic | Set-VmNetworkAdapter -Network $other -ErrorAction Stop
        (Get-There web1).Nics[-1].Network | Should -Be $other
        (Get-There web1).Nics[-1].MacAddress | Should -Be '00:50:56:11:22:33'
        ($nic | Set-VmNetworkAdapter -Connected $false -ErrorAction Stop).IsConnected | Should -BeFalse
        (Get-VmNetworkAdapter web1 -Label $nic.Label | Set-VmNetworkAdapter -Connected $true -ErrorAction Stop).IsConnected | Should -BeTrue
        $nic | Remove-VmNetworkAdapter -Confirm:$false -ErrorAction Stop
        (Get-There web1).Nics.Count | Should -Be 1
    }

    It 'says why a running VM can not be changed' {
        { Set-VmInstance web1 -CpuCount 8 -ErrorAction Stop } | Should -Throw -ErrorId 'HardwareNeedsPowerOff,VmDeploy.PowerShell.SetVmInstanceCommand'
        (Get-There web1).CpuCount | Should -Be 1
    }

    It 'completes labels' {
        $label = (Get-VmDisk web1).Label
        $line = 'Set-VmDisk web1 -Label '
        $tries = 5
        do { $found = (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText } until ($found -or -not --$tries)
        $found | Should -Be "'$label'"
    }
}
