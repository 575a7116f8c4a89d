# The same lines on every kind of host: only the session differs. The results are read from the simulator, not from the output.
Describe 'The story on <mode>' -ForEach @(@{ mode = 'esxi' }, @{ mode = 'vcenter' }, @{ mode = 'xenserver' }) {
    BeforeAll {
        . "$PSScriptRoot/Support/Import.ps1"
        . "$PSScriptRoot/Support/Simulator.ps1"
        $simulator = Start-Simulator @{ mode = $mode; tools = $true }
        $session = Connect-Simulator $simulator

        $ova = "$Repository/examples/tinyVM.ova"
        $iso = Join-Path $TestDrive 'story.iso'
        Write-Iso $iso
        # The places of this host.
        $place = @{
            HostName  = (Get-VmHypervisor | Select-Object -Last 1).Name
            Datastore = (Get-VmDatastore 'datastore1', 'Local storage' -ErrorAction Ignore).Name
        }

        # A VM in the state of the host.
        function Get-There([string]$Name) {
            $vm = (Send-Order $simulator).Vms | Where-Object Name -EQ $Name
            if (-not $vm) { return }
            [pscustomobject]@{
                IsOn     = $vm.PowerState -in 'poweredOn', 'Running'
                CpuCount = $vm.CpuCount
                MemoryMB = $vm.MemoryMB
                Disks    = @($vm.Disks)
                Nics     = @($vm.Nics)
                Isos     = @($vm.Cdroms | ForEach-Object { $_.Iso -replace '^.*[/\]] ?' })
                Uuid     = $vm.Uuid
            }
        }

        # Everything that can belong to a VM: files of datastores, or objects of the pool.
        function Get-Trace {
            $state = Send-Order $simulator
            @($state.Files) + @($state.Inventory) | Where-Object { $_ } | ForEach-Object { $_ -replace '\S{8}-\S{4}-\S{4}-\S{4}-\S{12}', '*' } | Sort-Object
        }
        $before = Get-Trace
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It 'imports an OVA three times, and sends its disk no more often than for one VM' {
        $null = Import-VmOva $ova -Name alone @place -ErrorAction Stop
        $one = (Send-Order $simulator).BytesUploaded
        $vms = Import-VmOva $ova -NamePrefix web -Count 3 @place -ErrorAction Stop
        $vms.Name | Sort-Object | Should -Be 'web1', 'web2', 'web3'
        $there = 'web1', 'web2', 'web3' | ForEach-Object { Get-There $_ }
        $there.IsOn | Should -Be $false, $false, $false
        $there.CpuCount | Should -Be 1, 1, 1
        $there.MemoryMB | Should -Be 32, 32, 32
        ($there.Uuid | Select-Object -Unique).Count | Should -Be 3
        foreach ($vm in $there) {
            $vm.Disks.Count | Should -Be 1
            $vm.Nics.Count | Should -Be 1
            $vm.Disks[0].LocalPath | Should -Exist
        }
        ($there.Disks.LocalPath | Select-Object -Unique).Count | Should -Be 3
        (Send-Order $simulator).BytesUploaded | Should -Be ($one * 2)
    }

    It 'refuses a name that is taken, and takes the VM with -ExistingVm Reuse' {
        { Import-VmOva $ova -Name web1 @place -ErrorAction Stop } | Should -Throw -ErrorId 'VmNameExists,VmDeploy.PowerShell.ImportVmOvaCommand'
        (Import-VmOva $ova -Name web1 @place -ExistingVm Reuse -ErrorAction Stop).Uuid | Should -Be (Get-VmInstance web1).Uuid
        (Send-Order $simulator).Vms.Count | Should -Be 4
    }

    It '-WhatIf makes nothing' {
        $trace = Get-Trace
        Import-VmOva $ova -Name never @place -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
        Get-VmInstance web1 | New-VmClone -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
        New-VmFromIso $iso -Name never @place -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
        Get-VmInstance | Remove-VmInstance -WhatIf
        Get-Trace | Should -Be $trace
    }

    It 'clones, full with other hardware, and linked' {
        $clones = Get-VmInstance web1 | New-VmClone -Count 2 -CpuCount 2 -MemoryMB 64 -ErrorAction Stop
        $clones.Name | Sort-Object | Should -Be 'web1_clone1', 'web1_clone2'
        $null = Get-VmInstance web1_clone2 | New-VmClone -Name linked -Linked -ErrorAction Stop -WarningAction SilentlyContinue
        foreach ($name in 'web1_clone1', 'web1_clone2') {
            $there = Get-There $name
            $there.CpuCount | Should -Be 2
            $there.MemoryMB | Should -Be 64
            $there.Disks[0].CapacityBytes | Should -Be (Get-There web1).Disks[0].CapacityBytes
        }
        (Get-There linked).Disks.Count | Should -Be 1
        (Get-There web1).MemoryMB | Should -Be 32
    }

    It 'exports a VM, checks the package and imports it again' {
        $package = Export-VmOva web1 -Path (Join-Path $TestDrive "$mode.ova") -ErrorAction Stop
        $package.VmName | Should -Be 'web1'
        (Get-Item $package.Path).Length | Should -Be $package.Length
        "$(($package | Get-VmOva -Verify).Integrity)" | Should -Be 'Intact'
        $null = $package | Import-VmOva -Name again @place -ErrorAction Stop
        (Get-There again).Disks[0].CapacityBytes | Should -Be (Get-There web1).Disks[0].CapacityBytes
        ($package | Format-Table | Out-String) | Should -Match 'VmName +Length Path'
        Remove-VmInstance again -Confirm:$false -ErrorAction Stop
        @(Get-ChildItem $TestDrive -Filter '*.part').Count | Should -Be 0
    }

    It 'makes a VM from a local ISO' {
        $vm = New-VmFromIso $iso -Name scratch -CpuCount 2 -MemoryMB 256 -DiskGB 1, 2 @place -ErrorAction Stop
        $vm.Name | Should -Be 'scratch'
        $there = Get-There scratch
        $there.CpuCount | Should -Be 2
        $there.MemoryMB | Should -Be 256
        $there.Disks.CapacityBytes | Should -Be 1GB, 2GB
        $there.Nics.Count | Should -Be 1
        $there.Isos | Should -Be 'story.iso'
    }

    It 'takes the CD out while the VM runs, and puts it in again' {
        $null = Start-VmInstance scratch -ErrorAction Stop
        $drive = Get-VmCdrom scratch
        $path = $drive.Medium.Path
        $empty = $drive | Set-VmCdrom -Eject -ErrorAction Stop
        $empty.Medium.Kind | Should -Be 'Empty'
        (Get-There scratch).Isos | Should -BeNullOrEmpty
        $null = $empty | Set-VmCdrom -IsoPath $path -ErrorAction Stop
        (Get-There scratch).Isos | Should -Be 'story.iso'
        $null = Stop-VmInstance scratch -Force -Confirm:$false -ErrorAction Stop
    }

    It 'adds a CD-ROM drive with that ISO to a VM, and takes it away' {
        $path = (Get-VmCdrom scratch).Medium.Path
        $null = Get-VmInstance web3 | Add-VmCdrom -IsoPath $path -ErrorAction Stop
        (Get-There web3).Isos | Should -Be 'story.iso'
        Get-VmCdrom web3 | Remove-VmCdrom -Confirm:$false -ErrorAction Stop
        (Get-VmCdrom web3) | Should -BeNullOrEmpty
        (Get-There web3).Isos | Should -BeNullOrEmpty
    }

    It 'starts, waits for an address, and shuts the guests down' {
        $vms = Get-VmInstance 'web[12]' | Start-VmInstance -ErrorAction Stop | Wait-VmInstance -For IpAddress -TimeoutSec 60 -ErrorAction Stop
        $vms.IpAddress | Should -HaveCount 2
        $vms.IpAddress | Should -Match '^\d+\.\d+\.\d+\.\d+$'
        (Get-There web1).IsOn, (Get-There web2).IsOn, (Get-There web3).IsOn | Should -Be $true, $true, $false
        { Remove-VmInstance web1 -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'WrongPowerState,VmDeploy.PowerShell.RemoveVmInstanceCommand'
        "$(($vms | Stop-VmInstance -TimeoutSec 60 -ErrorAction Stop).PowerState)" | Should -Be 'Off Off'
        (Get-There web1).IsOn, (Get-There web2).IsOn | Should -Be $false, $false
    }

    It 'restarts a guest, suspends it, and lets it run on' {
        $null = Start-VmInstance web2 -ErrorAction Stop | Wait-VmInstance -For Tools -TimeoutSec 60 -ErrorAction Stop
        "$((Restart-VmInstance web2 -ErrorAction Stop).PowerState)" | Should -Be 'On'
        $null = Wait-VmInstance web2 -For Tools -TimeoutSec 60 -ErrorAction Stop
        "$((Suspend-VmInstance web2 -ErrorAction Stop).PowerState)" | Should -Be 'Suspended'
        (Get-There web2).IsOn | Should -BeFalse
        "$((Resume-VmInstance web2 -ErrorAction Stop).PowerState)" | Should -Be 'On'
        "$((Restart-VmInstance web2 -Force -Confirm:$false -ErrorAction Stop).PowerState)" | Should -Be 'On'
        $null = Stop-VmInstance web2 -Force -Confirm:$false -ErrorAction Stop
        { Restart-VmInstance web2 -ErrorAction Stop } | Should -Throw -ErrorId 'WrongPowerState,VmDeploy.PowerShell.RestartVmInstanceCommand'
    }

    It 'answers what a host asks' {
        if ($mode -eq 'xenserver') {
            Get-VmInstance | Get-VmQuestion -ErrorAction Stop | Should -BeNullOrEmpty
            { Set-VmQuestion web2 yes -ErrorAction Stop } | Should -Throw -ErrorId 'QuestionNotFound,VmDeploy.PowerShell.SetVmQuestionCommand'
            return
        }
        $null = Send-Order $simulator @{ do = 'ask' }
        { Start-VmInstance web2 -ErrorAction Stop } | Should -Throw -ErrorId 'VmQuestionPending,VmDeploy.PowerShell.StartVmInstanceCommand'
        $question = Get-VmInstance | Get-VmQuestion -ErrorAction Stop
        "$($question.Vm)" | Should -Be 'web2'
        "$($question.Default)" | Should -Be 'I Copied It'
        "$(($question | Set-VmQuestion -Answer 'I Copied It' -ErrorAction Stop).PowerState)" | Should -Be 'On'
        $null = Stop-VmInstance web2 -Force -Confirm:$false -ErrorAction Stop
    }

    It 'makes a template of a VM, and the VM again' {
        if ($mode -eq 'esxi') {
            $failure = { ConvertTo-VmTemplate web2 -ErrorAction Stop } | Should -Throw -PassThru -ErrorId 'NotSupportedByHost,VmDeploy.PowerShell.ConvertToVmTemplateCommand'
            $failure.ErrorDetails.RecommendedAction | Should -BeLike '*New-VmClone*'
            return
        }
        $uuid = (Get-VmInstance web2).Uuid
        $template = ConvertTo-VmTemplate web2 -ErrorAction Stop
        $template.Name | Should -Be 'web2'
        Get-VmInstance 'web2' -ErrorAction Ignore | Should -BeNullOrEmpty
        (New-VmFromTemplate web2 -Name web4 -ErrorAction Stop).Name | Should -Be 'web4'
        Remove-VmInstance web4 -Confirm:$false -ErrorAction Stop
        ($template | ConvertFrom-VmTemplate -ErrorAction Stop).Uuid | Should -Be $uuid
        (Get-VmTemplate).Name | Should -Not -Contain 'web2'
    }

    It 'takes snapshots, changes the disk, and goes back' {
        $hash = (Get-FileHash (Get-There web2).Disks[0].LocalPath).Hash
        $first = New-VmSnapshot web2 first -Description 'as imported' -ErrorAction Stop
        $null = New-VmSnapshot web2 second -ErrorAction Stop
        Add-Content -LiteralPath (Get-There web2).Disks[0].LocalPath 'what the guest writes'
        $tree = Get-VmSnapshot web2 -ErrorAction Stop
        $tree.Name | Should -Be 'first', 'second'
        $tree.Parent | Should -Be $null, 'first'
        $tree.IsCurrent | Should -Be $false, $true
        ($first | Restore-VmSnapshot -Confirm:$false -ErrorAction Stop).PowerState | Should -Be 'Off'
        (Get-VmSnapshot web2 -ErrorAction Stop).IsCurrent | Should -Be $true, $false
        { Restore-VmSnapshot web2 third -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'SnapshotNotFound,VmDeploy.PowerShell.RestoreVmSnapshotCommand'
        Remove-VmSnapshot web2 first -Children -Confirm:$false -ErrorAction Stop
        Get-VmSnapshot web2 -ErrorAction Stop | Should -BeNullOrEmpty
        (Get-FileHash (Get-There web2).Disks[0].LocalPath).Hash | Should -Be $hash
    }

    It 'saves what a console shows' {
        $null = Start-VmInstance web2 -ErrorAction Stop
        $picture = Get-VmScreenshot web2 "$TestDrive" -ErrorAction Stop
        $picture.Width, $picture.Height | Should -Be 640, 480
        $picture.Path | Should -Exist
        (Get-Item $picture.Path).Length | Should -Be $picture.Bytes.Count
        { Get-VmScreenshot web2 "$TestDrive" -ErrorAction Stop } | Should -Throw -ErrorId 'LocalFileExists,VmDeploy.PowerShell.GetVmScreenshotCommand'
        $null = Stop-VmInstance web2 -Force -Confirm:$false -ErrorAction Stop
    }

    It '-WaitForIp starts what is made and waits for its address; one that gets none is emitted with an error' {
        $vm = '{ "name": "waits", "wait_for_ip": true, "timeout_sec": 60 }' | ConvertFrom-Json | Import-VmOva -Path $ova @place -ErrorAction Stop
        $vm.IpAddress | Should -Match '^\d+\.\d+\.\d+\.\d+$'
        (Get-There waits).IsOn | Should -BeTrue
        # A host whose guests have no tools.
        $mute = Start-Simulator @{ mode = $mode }
        $other = Connect-Simulator $mute
        $made = Import-VmOva $ova -Name mute @place -Session $other -WaitForIp -TimeoutSec 1 -ErrorVariable failed -ErrorAction SilentlyContinue
        $made.Name | Should -Be 'mute'
        $made.PowerState | Should -Be 'On'
        $failed.FullyQualifiedErrorId | Should -Be 'WaitTimeout,VmDeploy.PowerShell.ImportVmOvaCommand'
        $failed.Exception.Message | Should -BeLike "VM 'mute' exists, but could not be given an IP address:*"
        (Send-Order $mute).Vms.Name | Should -Be 'mute'
        if ($mode -eq 'xenserver') { Disconnect-Xapi $other } else { Disconnect-Esxi $other }
        Stop-Simulator $mute
    }

    It 'removes a linked clone and nothing of its source' {
        Remove-VmInstance linked -Confirm:$false -ErrorAction Stop
        Get-There linked | Should -BeNullOrEmpty
        (Get-There web1_clone2).Disks[0].LocalPath | Should -Exist
        "$((Start-VmInstance web1_clone2 -ErrorAction Stop).PowerState)" | Should -Be 'On'
    }

    It 'removes all, running or not, and leaves nothing but the ISO' {
        Get-VmInstance | Remove-VmInstance -Force -Confirm:$false -ErrorAction Stop
        (Send-Order $simulator).Vms | Should -BeNullOrEmpty
        $left = @(Get-Trace | Where-Object { $_ -notin $before })
        $left | Should -HaveCount 1
        $left | Should -Match 'story\.iso'
    }
}
