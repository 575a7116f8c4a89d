# The same lines on every kind of host: what the guest would read comes from the simulator.
Describe 'cloud-init on <mode>' -ForEach @(@{ mode = 'esxi' }, @{ mode = 'vcenter' }, @{ mode = 'xenserver' }) {
    BeforeAll {
        . "$PSScriptRoot/Support/Import.ps1"
        . "$PSScriptRoot/Support/Simulator.ps1"
        $simulator = Start-Simulator @{ mode = $mode }
        $session = Connect-Simulator $simulator
        $place = @{
            HostName  = (Get-VmHypervisor | Select-Object -Last 1).Name
            Datastore = (Get-VmDatastore 'datastore1', 'Local storage' -ErrorAction Ignore).Name
        }
        $job = Get-Content "$Repository/examples/configs/cloud_init.json" -Raw | ConvertFrom-Json
        $job.ovf_path = "$Repository/examples/tinyVM.ova"

        # Everything that a guest can read: unpacked variables, or the drive.
        function Get-Read([string]$Name) {
            $vm = (Send-Order $simulator).Vms | Where-Object Name -EQ $Name
            if ($mode -eq 'xenserver') { return [Text.Encoding]::ASCII.GetString([IO.File]::ReadAllBytes($vm.Disks[-1].LocalPath)) }
            foreach ($key in 'guestinfo.metadata', 'guestinfo.userdata') {
                $zip = [IO.MemoryStream]::new([Convert]::FromBase64String($vm.ExtraConfig.$key))
                [IO.StreamReader]::new([IO.Compression.GZipStream]::new($zip, [IO.Compression.CompressionMode]::Decompress)).ReadToEnd()
            }
        }
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It 'gives the VMs of a file their own host names' {
        $made = $job | Import-VmOva @place -ErrorAction Stop
        $made.Name | Sort-Object | Should -Be 'web1', 'web2', 'web3'
        foreach ($n in 1..3) {
            $read = (Get-Read "web$n") -join "`n"
            $read | Should -Match "local-hostname: `"web$n`""
            $read | Should -Match "`"fqdn`": `"web$n.example.com`""
            $read | Should -Match "This is web$n, number 0$n"
        }
    }

    It 'gives ten clones ten host names, and a secret in a hashtable its text' {
        $secret = ConvertTo-SecureString 'pass-w0rd' -AsPlainText -Force
        $clones = New-VmClone web1 -Count 10 -UserData @{ hostname = '{hostname}'; users = @(@{ name = 'root'; plain_text_passwd = $secret }) } -ThrottleLimit 4 -ErrorAction Stop
        $clones.Count | Should -Be 10
        foreach ($clone in $clones) {
            $read = (Get-Read $clone.Name) -join "`n"
            $read | Should -Match "`"hostname`": `"$($clone.Name -replace '_', '-')`""
            $read | Should -Match 'pass-w0rd'
            $read | Should -Not -Match 'example\.com'
        }
    }

    It 'tells with -WhatIf what is given, and never the contents' {
        $told = & { New-VmClone web1 -Name web4 -UserData @{ password = 'hunter2' } -VendorData '#!/bin/sh' -WhatIf } 6>&1 5>&1 4>&1 3>&1 | Out-String
        $told | Should -Not -Match 'hunter2'
        { New-VmClone web1 -Name web4 -UserData 'hunter2' -WhatIf -ErrorAction Stop } | Should -Throw -ErrorId 'CloudInitUserDataNotRecognised,VmDeploy.PowerShell.NewVmCloneCommand'
    }

    It 'removes the drive with the VM' {
        $null = New-VmFromIso "$Repository/examples/tiny.iso" -NamePrefix scratch @place -CloudInitVia Drive -UserData '#!/bin/sh' -ErrorAction Stop
        $state = Send-Order $simulator
        @(@($state.Files) + @($state.Inventory) -match 'scratch1.*(cidata|cloud-init)').Count | Should -BeGreaterThan 0
        Remove-VmInstance scratch1 -Confirm:$false -ErrorAction Stop
        $state = Send-Order $simulator
        @($state.Files) + @($state.Inventory) -match 'scratch1' | Should -BeNullOrEmpty
    }
}
