# Copies between two hosts of every kind, in one PowerShell. The results are read from the simulators, not from the output.
Describe 'A copy from <from> to <to>' -ForEach @(
    foreach ($from in 'esxi', 'vcenter', 'xenserver') { foreach ($to in 'esxi', 'vcenter', 'xenserver') { @{ from = $from; to = $to } } }
) {
    BeforeAll {
        . "$PSScriptRoot/Support/Import.ps1"
        . "$PSScriptRoot/Support/Simulator.ps1"

        # The places of a host.
        function Get-Place($Session) {
            @{
                HostName  = (Get-VmHypervisor -Session $Session | Select-Object -Last 1).Name
                Datastore = (Get-VmDatastore 'datastore1', 'Local storage' -Session $Session -ErrorAction Ignore).Name
            }
        }

        # All that a host has, without what differs each time.
        function Get-Trace($Simulator) {
            $state = Send-Order $Simulator
            @($state.Files) + @($state.Inventory) + @("leases $($state.OpenLeases)") | Where-Object { $_ }
        }

        $source = Start-Simulator @{ mode = $from; tools = $true }
        $target = Start-Simulator @{ mode = $to; tools = $true }
        $a = Connect-Simulator $source
        $b = Connect-Simulator $target
        $there = Get-Place $b
        $here = Get-Place $a
        $network = (Get-VmNetwork -Session $b | Select-Object -First 1).Name
        $null = Import-VmOva "$Repository/examples/tinyVM.ova" -Session $a -Name web1, web2 @here -ErrorAction Stop
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $source
        Stop-Simulator $target
    }

    It '-WhatIf names both hosts, and warnings say what the guest needs on another kind of host' {
        $before = Get-Trace $target
        $made = Copy-VmInstance web1 $b -Session $a @there -Network $network -WhatIf -WarningVariable warned -WarningAction SilentlyContinue -ErrorAction Stop
        $made | Should -BeNullOrEmpty
        $needs = @($warned -match 'initramfs').Count -gt 0
        $needs | Should -Be (($from -eq 'xenserver') -ne ($to -eq 'xenserver'))
        Get-Trace $target | Should -Be $before
    }

    It 'makes the same VMs, and leaves the source as it was' {
        $before = Get-Trace $source
        $made = Get-VmInstance web* -Session $a | Copy-VmInstance -Destination $b @there -Network $network -ThrottleLimit 2 -WarningAction SilentlyContinue -ErrorAction Stop
        $made.Name | Sort-Object | Should -Be 'web1', 'web2'
        $original = (Send-Order $source).Vms | Where-Object Name -EQ web1
        $copy = (Send-Order $target).Vms | Where-Object Name -EQ web1
        $copy.CpuCount | Should -Be $original.CpuCount
        $copy.MemoryMB | Should -Be $original.MemoryMB
        $copy.Disks[0].CapacityBytes | Should -Be $original.Disks[0].CapacityBytes
        $copy.Nics.Count | Should -Be 1
        Get-Trace $source | Should -Be $before
    }

    It 'goes down the pipeline: a running VM, through a snapshot, with its MAC address, is started' {
        $vm = Start-VmInstance web1 -Session $a -ErrorAction Stop
        { Copy-VmInstance $vm $b -Name live @there -Network $network -WarningAction SilentlyContinue -ErrorAction Stop } |
            Should -Throw -ErrorId 'ExportSourceRunning,VmDeploy.PowerShell.CopyVmInstanceCommand'
        $live = $vm | Copy-VmInstance -Destination $b -Name live @there -Network $network -Snapshot -KeepMacAddress -WarningAction SilentlyContinue -ErrorAction Stop |
            Start-VmInstance -ErrorAction Stop
        "$($live.Name) $($live.PowerState)" | Should -Be 'live On'
        $live.NetworkAdapters[0].MacAddress | Should -Be $vm.NetworkAdapters[0].MacAddress
        Get-VmSnapshot web1 -Session $a | Should -BeNullOrEmpty
    }

    It 'refuses a name that is taken, and takes the VM with -ExistingVm Reuse' {
        { Copy-VmInstance web2 $b -Session $a @there -Network $network -WarningAction SilentlyContinue -ErrorAction Stop } |
            Should -Throw -ErrorId 'VmNameExists,VmDeploy.PowerShell.CopyVmInstanceCommand'
        (Copy-VmInstance web2 $b -Session $a @there -Network $network -ExistingVm Reuse -WarningAction SilentlyContinue -ErrorAction Stop).Uuid |
            Should -Be (Get-VmInstance web2 -Session $b).Uuid
    }
}
