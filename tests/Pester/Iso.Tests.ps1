BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    $simulator = Start-Simulator
    $null = Connect-Simulator $simulator
    # The host has two.
    foreach ($cmdlet in 'New-VmFromIso', 'Import-VmOva', 'Send-VmDatastoreFile') { $PSDefaultParameterValues["${cmdlet}:Datastore"] = 'datastore1' }
    $iso = '[datastore1] iso/tiny.iso'
    $file = Join-Path $TestDrive 'tiny.iso'
    Write-Iso $file
    Push-Location "$Repository/examples"
    $sent = Send-VmDatastoreFile $file -Destination iso/ -ErrorAction Stop
}

AfterAll {
    Pop-Location
    Get-VmSession | Disconnect-Esxi
    Stop-Simulator $simulator
}

Describe 'Send-VmDatastoreFile' {
    It 'puts the file where it is told to' {
        $sent.Path | Should -Be $iso
        $sent.Length | Should -Be 40960
        $sent.WasSent | Should -BeTrue
        (Send-Order $simulator).Files | Should -Contain $iso
    }

    It 'does not send what is there already' {
        (Send-VmDatastoreFile $file -Destination iso/ -ErrorAction Stop).WasSent | Should -BeFalse
    }

    It 'refuses to overwrite another file without -Force' {
        $other = Join-Path $TestDrive 'other.iso'
        [IO.File]::WriteAllBytes($other, [byte[]]::new(2048))
        { Send-VmDatastoreFile $other -Destination iso/tiny.iso -ErrorAction Stop } |
            Should -Throw -ErrorId 'FileDiffers,VmDeploy.PowerShell.SendVmDatastoreFileCommand'
        $copy = Send-VmDatastoreFile $file -Destination other/x.iso -ErrorAction Stop
        $copy.Length | Should -Be 40960
        (Send-VmDatastoreFile $other -Destination other/x.iso -Force -ErrorAction Stop).Length | Should -Be 2048
    }

    It '-WhatIf sends nothing, and says where the file would go' {
        $said = Invoke-Child $simulator "Send-VmDatastoreFile '$file' -Datastore datastore1 -Destination never/ -WhatIf"
        $said | Should -Match 'What if: .*\[datastore1\] never/tiny\.iso'
        (Send-Order $simulator).Files | Should -Not -Contain '[datastore1] never/tiny.iso'
    }

    It '-WhatIf says <id>: <what>' -ForEach @(
        @{ id = 'DatastoreNotFound'; what = 'no such datastore'; send = { Send-VmDatastoreFile $file -Datastore nowhere -WhatIf } }
        @{ id = 'LocalFileNotFound'; what = 'no such file'; send = { Send-VmDatastoreFile ./none.iso -WhatIf } }
        @{ id = 'FileDiffers'; what = 'another file is there'; send = { Send-VmDatastoreFile ./tinyVM.ova -Destination iso/tiny.iso -WhatIf } }
    ) {
        $ErrorActionPreference = 'Stop'
        { & $send } | Should -Throw -ErrorId "$id,VmDeploy.PowerShell.SendVmDatastoreFileCommand"
    }

    It 'says with -Verbose that it has compared no content' {
        $said = Send-VmDatastoreFile $file -Destination iso/ -Verbose 4>&1 | Out-String
        $said | Should -Match 'content is not compared'
    }

    It 'warns when the local file was changed after the one on the host' {
        $newer = Join-Path $TestDrive 'newer.iso'
        Copy-Item $file $newer
        (Get-Item $newer).LastWriteTime = (Get-Date).AddHours(1)
        Send-VmDatastoreFile $newer -Destination iso/tiny.iso -WarningVariable warned -WarningAction SilentlyContinue | ForEach-Object WasSent | Should -BeFalse
        "$warned" | Should -Match 'was changed later'
    }
}

Describe 'New-VmFromIso' {
    AfterEach { Clear-Simulator $simulator }

    It 'makes what config_question9.json asks for' {
        $vm = Get-Content configs/config_question9.json | ConvertFrom-Json | New-VmFromIso -ErrorAction Stop
        $vm.Name | Should -Be 'scratch1'
        "$($vm.PowerState)" | Should -Be 'Off'
        $there = (Send-Order $simulator).Vms
        $there.Name | Should -Be 'scratch1'
        $there.Disks.Count | Should -Be 1
        $there.Nics.Count | Should -Be 1
        $there.Cdroms.Count | Should -Be 1
        $there.Cdroms[0].Iso | Should -Be $iso
        $there.Cdroms[0].StartConnected | Should -BeTrue
        "$(($vm | Start-VmInstance -ErrorAction Stop).PowerState)" | Should -Be 'On'
        ($vm | Get-VmCdrom).IsConnected | Should -BeTrue
    }

    It '-WhatIf changes nothing, and says where the VM would go' {
        $before = Send-Order $simulator | ConvertTo-Json -Depth 6
        $said = Invoke-Child $simulator "Set-Location '$Repository/examples'; Get-Content configs/config_question9.json | ConvertFrom-Json | New-VmFromIso -WhatIf"
        $said | Should -Match 'What if: .*tiny\.iso.*datastore1.*scratch1'
        Send-Order $simulator | ConvertTo-Json -Depth 6 | Should -Be $before
    }

    It '-WhatIf sends no local ISO' {
        New-VmFromIso $file -Name never -IsoFolder never -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
        (Send-Order $simulator).Files | Should -Not -Contain '[datastore1] never/tiny.iso'
    }

    It 'sends a local ISO once for several VMs, and makes the hardware that is asked for' {
        $vms = New-VmFromIso $file -NamePrefix web -Count 2 -CpuCount 2 -MemoryMB 512 -DiskGB 1, 2.5 -Network @() -IsoFolder local -ErrorAction Stop
        $vms.Name | Sort-Object | Should -Be 'web1', 'web2'
        $state = Send-Order $simulator
        @($state.Files -match 'tiny\.iso').Count | Should -Be 2 -Because 'iso/ has one already, local/ has the other'
        foreach ($vm in $state.Vms) {
            $vm.CpuCount | Should -Be 2
            $vm.MemoryMB | Should -Be 512
            $vm.Disks.CapacityBytes | Should -Be 1GB, 2.5GB
            $vm.Nics | Should -BeNullOrEmpty
            $vm.Cdroms[0].Iso | Should -Be '[datastore1] local/tiny.iso'
        }
    }

    It '<id> leaves nothing: <what>' -ForEach @(
        @{ id = 'HostFileNotFound'; what = 'no such ISO on the host'; make = { New-VmFromIso '[datastore1] iso/none.iso' -Name x } }
        @{ id = 'LocalFileNotFound'; what = 'no such ISO here'; make = { New-VmFromIso ./none.iso -Name x } }
        @{ id = 'IsoUnreadable'; what = 'a file that is no ISO'; make = { New-VmFromIso ./tinyVM.ova -Name x } }
        @{ id = 'DiskSizeInvalid'; what = 'a disk of nothing'; make = { New-VmFromIso $iso -Name x -DiskGB 0 } }
        @{ id = 'GuestIdUnknown'; what = 'no such guest'; make = { New-VmFromIso $iso -Name x -GuestId nobodyGuest } }
    ) {
        $before = (Send-Order $simulator).Files
        $ErrorActionPreference = 'Stop'
        { & $make } | Should -Throw -ErrorId "$id,VmDeploy.PowerShell.NewVmFromIsoCommand"
        $state = Send-Order $simulator
        $state.Vms | Should -BeNullOrEmpty
        $state.Files | Should -Be $before
    }
}

Describe 'CD-ROM drives' {
    BeforeEach { $vm = Import-VmOva tinyVM.ova -ErrorAction Stop }
    AfterEach { Clear-Simulator $simulator }

    It 'go from Import-VmOva through Add-VmCdrom to Start-VmInstance' {
        $started = Import-VmOva tinyVM.ova -Name boots -ErrorAction Stop | Add-VmCdrom -IsoPath $iso -ErrorAction Stop | Start-VmInstance -ErrorAction Stop
        $started.Name | Should -Be 'boots'
        "$($started.PowerState)" | Should -Be 'On'
        $there = (Send-Order $simulator).Vms | Where-Object Name -EQ boots
        $there.PowerState | Should -Be 'poweredOn'
        $there.Cdroms[0].Iso | Should -Be $iso
        $there.Cdroms[0].Connected | Should -BeTrue
    }

    It 'are added, listed, emptied, filled and removed' {
        $vm | Get-VmCdrom | Should -BeNullOrEmpty
        $vm | Add-VmCdrom -IsoPath $iso -ErrorAction Stop | Should -Be $vm
        $drive = $vm | Get-VmCdrom
        $drive.Medium.Path | Should -Be $iso
        $drive.Vm | Should -Be $vm

        $empty = $drive | Set-VmCdrom -Eject -ErrorAction Stop
        $empty.Medium.Kind | Should -Be 'Empty'
        (Send-Order $simulator).Vms[0].Cdroms[0].Iso | Should -BeNullOrEmpty

        ($empty | Set-VmCdrom -IsoPath $iso -ErrorAction Stop).Medium.Path | Should -Be $iso
        (Send-Order $simulator).Vms[0].Cdroms[0].Iso | Should -Be $iso

        $vm | Get-VmCdrom | Remove-VmCdrom -Confirm:$false -ErrorAction Stop | Should -BeNullOrEmpty
        (Send-Order $simulator).Vms[0].Cdroms | Should -BeNullOrEmpty
    }

    It 'are listed and ejected by the name of the VM while it runs' {
        $null = $vm | Add-VmCdrom -IsoPath $iso -ErrorAction Stop | Start-VmInstance
        (Get-VmCdrom tinyVM).IsConnected | Should -BeTrue
        $null = Get-VmCdrom tinyVM | Set-VmCdrom -Eject -ErrorAction Stop
        (Get-VmCdrom tinyVM).IsConnected | Should -BeFalse
    }

    It 'are put on the bus that is asked for' {
        $null = $vm | Add-VmCdrom -Bus Sata -ErrorAction Stop
        ($vm | Get-VmCdrom).Slot | Should -BeLike 'SATA *'
    }

    It '-WhatIf changes nothing: <what>' -ForEach @(
        @{ what = 'Add'; id = 'PipelineValueInvalid'; try = { $vm | Add-VmCdrom -IsoPath $iso -WhatIf } }
        @{ what = 'Set -Eject'; try = { $vm | Get-VmCdrom | Set-VmCdrom -Eject -WhatIf } }
        @{ what = 'Remove'; try = { $vm | Get-VmCdrom | Remove-VmCdrom -WhatIf } }
    ) {
        $null = $vm | Add-VmCdrom -IsoPath $iso -ErrorAction Stop
        $before = (Send-Order $simulator).Vms | ConvertTo-Json -Depth 6
        & $try | Should -BeNullOrEmpty
        (Send-Order $simulator).Vms | ConvertTo-Json -Depth 6 | Should -Be $before
    }

    It 'are added by the name of the VM, with the host''s drive or an ISO' {
        (Add-VmCdrom tinyVM -IsoPath $iso -ErrorAction Stop).Name | Should -Be 'tinyVM'
        ('tinyVM' | Add-VmCdrom -HostDevice '' -ErrorAction Stop).Name | Should -Be 'tinyVM'
        ([pscustomobject]@{ Name = 'tinyVM'; iso_path = $file } | Add-VmCdrom -ErrorAction Stop).Name | Should -Be 'tinyVM'
        "$((Get-VmCdrom tinyVM).Medium.Kind | Sort-Object)" | Should -Be 'HostDevice Iso Iso'
    }

    It 'have one medium: <what>' -ForEach @(
        @{ what = 'Add'; id = 'PipelineValueInvalid'; try = { $vm | Add-VmCdrom -IsoPath $iso -HostDevice '' } }
        @{ what = 'Add by name'; id = 'PipelineValueInvalid'; try = { Add-VmCdrom tinyVM -IsoPath $iso -HostDevice '' } }
        @{ what = 'Set'; id = 'AmbiguousParameterSet'; try = { $vm | Add-VmCdrom | Get-VmCdrom | Set-VmCdrom -IsoPath $iso -Eject } }
    ) {
        $ErrorActionPreference = 'Stop'
        $wrong = { & $try } | Should -Throw -PassThru
        $wrong.FullyQualifiedErrorId | Should -BeLike "$id,*VmCdromCommand"
    }

    It '-WhatIf says what Add-VmCdrom would do' {
        $said = Invoke-Child $simulator "Add-VmCdrom tinyVM -IsoPath '$file' -WhatIf"
        $said | Should -Match 'What if: .*(IDE|SATA) \d:0, \[datastore1\] iso/tiny\.iso'
    }

    It '-WhatIf says <id>: <what>' -ForEach @(
        @{ id = 'DatastoreNotFound'; what = 'no such datastore'; try = { $vm | Add-VmCdrom -IsoPath '[nowhere] x.iso' -WhatIf } }
        @{ id = 'HostDriveNotFound'; what = 'no such drive'; try = { $vm | Add-VmCdrom -HostDevice nothing -WhatIf } }
        @{ id = 'IsoUnreadable'; what = 'no ISO'; try = { $vm | Add-VmCdrom -IsoPath ./tinyVM.ova -WhatIf } }
        @{ id = 'LocalFileNotFound'; what = 'no file'; try = { $vm | Add-VmCdrom -IsoPath ./none.iso -WhatIf } }
    ) {
        $ErrorActionPreference = 'Stop'
        { & $try } | Should -Throw -ErrorId "$id,VmDeploy.PowerShell.AddVmCdromCommand"
    }

    It '<id>: <what>' -ForEach @(
        @{ id = 'HostFileNotFound,VmDeploy.PowerShell.AddVmCdromCommand'; what = 'no such ISO'; try = { $vm | Add-VmCdrom -IsoPath '[datastore1] iso/none.iso' } }
        @{ id = 'CdromNotFound,VmDeploy.PowerShell.RemoveVmCdromCommand'; what = 'a drive that is gone'
            try = {
                $null = $vm | Add-VmCdrom
                $drive = $vm | Get-VmCdrom
                $drive | Remove-VmCdrom -Confirm:$false
                $drive | Remove-VmCdrom -Confirm:$false
            }
        }
        @{ id = 'CdromNeedsPowerOff,VmDeploy.PowerShell.RemoveVmCdromCommand'; what = 'removed from a running VM'
            try = {
                $null = $vm | Add-VmCdrom -Bus Ide | Start-VmInstance
                $vm | Get-VmCdrom | Remove-VmCdrom -Confirm:$false
            }
        }
    ) {
        $ErrorActionPreference = 'Stop'
        { & $try } | Should -Throw -ErrorId $id
        (Send-Order $simulator).Vms.Name | Should -Be 'tinyVM'
    }
}
