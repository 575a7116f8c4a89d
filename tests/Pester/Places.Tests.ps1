# Places by their names, on every kind of host; only vCenters have all of them.
Describe 'Places on <mode>' -ForEach @(
    @{
        mode   = 'esxi'
        places = 'Datacenter ha-datacenter', 'Host localhost.localdomain', 'ResourcePool gold', 'ResourcePool Resources'
        run    = @('localhost.localdomain')
        at     = 'ha-datacenter'
    }
    @{
        mode   = 'vcenter'
        places = 'Datacenter branch', 'Datacenter ha-datacenter', 'Folder prod', 'Folder prod/web', 'Cluster cluster1', 'Host esx2.localdomain', 'Host esx3.localdomain',
        'Host localhost.localdomain', 'ResourcePool gold', 'ResourcePool Resources', 'ResourcePool Resources', 'DatastoreCluster pod1'
        run    = 'localhost.localdomain', 'cluster1', 'esx2.localdomain'
        at     = 'ha-datacenter'
    }
    @{
        mode   = 'xenserver'
        places = 'Cluster sim-pool', 'Host xenserver-sim'
        run    = @('xenserver-sim')
        at     = ''
    }
) {
    BeforeAll {
        . "$PSScriptRoot/Support/Import.ps1"
        . "$PSScriptRoot/Support/Simulator.ps1"
        $simulator = Start-Simulator @{ mode = $mode; pools = @('gold'); folders = @(if ($mode -eq 'vcenter') { 'prod/web' }); pods = @('pod1') }
        $null = Connect-Simulator $simulator
        $ova = "$Repository/examples/tinyVM.ova"
        $store = (Get-VmDatastore 'datastore1', 'Local storage' -ErrorAction Ignore).Name
        function Get-There([string]$Name) { (Send-Order $simulator).Vms | Where-Object Name -EQ $Name }
        function Get-Completion([string]$Line) {
            $tries = 5
            do { $found = (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches.CompletionText } until ($found -or -not --$tries)
            $found
        }
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It 'lists every place with its kind' {
        Get-VmPlace -ErrorAction Stop | ForEach-Object { "$($_.Kind) $($_.Path)" } | Should -Be $places
        $hosts = Get-VmPlace -Kind Host -ErrorAction Stop
        $hosts.Path | Should -Be (Get-VmHypervisor).Name
        $hosts.Server | Select-Object -Unique | Should -Be $simulator.Server
        ($hosts | Format-Table | Out-String) | Should -Match 'Kind +Path +Parent +Server'
    }

    It 'finds places by name and by pattern, and says what is not found' {
        (Get-VmPlace $run[0] -ErrorAction Stop).Kind | Should -Be 'Host'
        "$($run[0].Substring(0, 4))*" | Get-VmPlace -Kind Host -ErrorAction Stop | ForEach-Object Path | Should -Be $run[0]
        Get-VmPlace nowhere* -ErrorAction Stop | Should -BeNullOrEmpty
        { Get-VmPlace nowhere -ErrorAction Stop } | Should -Throw -ErrorId 'PlaceNotFound,VmDeploy.PowerShell.GetVmPlaceCommand' -ExpectedMessage "*'nowhere'*"
    }

    It 'completes places' {
        $short = $run[0].Substring(0, 4)
        Get-Completion "Get-VmPlace $short" | Should -Be $run[0]
        Get-Completion "Import-VmOva '$ova' -HostName $short" | Should -Be $run[0]
        if ($mode -eq 'vcenter') {
            Get-Completion "Import-VmOva '$ova' -Folder w" | Should -Be 'prod/web'
            Get-Completion "Import-VmOva '$ova' -Datastore pod" | Sort-Object | Should -Be 'pod1', 'pod1-1', 'pod1-2'
        }
    }

    It 'puts VMs on each host or cluster that is named, and tells where they are' {
        foreach ($name in $run) {
            $vm = Import-VmOva $ova -Name "on-$name" -HostName $name -Datastore $store -ErrorAction Stop
            "$($vm.Datacenter)" | Should -Be $at
            if ($name -ne 'cluster1' -and $mode -ne 'xenserver') { $vm.HostName | Should -Be $name }
            (Get-There $vm.Name).Disks[0].LocalPath | Should -Exist
        }
        (Get-VmInstance on-*).Name | Should -HaveCount $run.Count
        Get-VmInstance on-* | Remove-VmInstance -Confirm:$false -ErrorAction Stop
    }

    It 'makes nothing where a place does not exist, and lists those that do' {
        { Import-VmOva $ova -Name never -HostName nowhere -Datastore $store -ErrorAction Stop } | Should -Throw -ErrorId 'HostNotFound,*' -ExpectedMessage "*'nowhere'*'$($run[0])'*"
        $id = if ($mode -eq 'xenserver') { 'StorageNotFound' } else { 'DatastoreNotFound' }
        { Import-VmOva $ova -Name never -HostName $run[0] -Datastore nowhere -ErrorAction Stop } | Should -Throw -ErrorId "$id,*" -ExpectedMessage "*'nowhere'*'$store'*"
        (Send-Order $simulator).Vms | Should -BeNullOrEmpty
    }
}

Describe 'Places of a vCenter with several datacenters' {
    BeforeAll {
        . "$PSScriptRoot/Support/Import.ps1"
        . "$PSScriptRoot/Support/Simulator.ps1"
        $simulator = Start-Simulator @{ mode = 'vcenter'; folders = 'prod/web', 'test'; datacenters = 'europe/paris', 'asia/paris', 'europe/rome'; pods = @('pod1') }
        $null = Connect-Simulator $simulator
        $ova = "$Repository/examples/tinyVM.ova"
        function Get-Place([string]$Name) {
            $vm = Get-VmInstance $Name -ErrorAction Stop
            "$($vm.Datacenter) | $($vm.Folder) | $($vm.Disks[0].Path -replace ' .*')"
        }
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    AfterEach {
        Get-VmInstance | Remove-VmInstance -Force -Confirm:$false -ErrorAction Stop
    }

    It 'finds the datacenter by <what>' -ForEach @(
        @{ what = 'a folder'; place = @{ Folder = 'web'; Datastore = 'datastore1' }; expected = 'ha-datacenter | prod/web | [datastore1]' }
        @{ what = 'the path of a folder'; place = @{ Folder = 'prod/web'; Datastore = 'datastore1' }; expected = 'ha-datacenter | prod/web | [datastore1]' }
        @{ what = 'a datastore'; place = @{ Datastore = 'branch-datastore1' }; expected = 'branch |  | [branch-datastore1]' }
        @{ what = 'a host'; place = @{ HostName = 'esx.rome' }; expected = 'europe/rome |  | [rome-datastore1]' }
        @{ what = 'its own name'; place = @{ Datacenter = 'rome' }; expected = 'europe/rome |  | [rome-datastore1]' }
        @{ what = 'its path'; place = @{ Datacenter = 'asia/paris' }; expected = 'asia/paris |  | [paris-datastore1]' }
        @{ what = 'a path beside a name that two have'; place = @{ Datacenter = 'europe/paris'; Datastore = 'paris-datastore1' }; expected = 'europe/paris |  | [paris-datastore1]' }
    ) {
        $null = Import-VmOva $ova -Name web1 @place -ErrorAction Stop
        Get-Place web1 | Should -Be $expected
        $null = '{ "name": "web2" }' | ConvertFrom-Json | Import-VmOva $ova @place -ErrorAction Stop
        Get-Place web2 | Should -Be $expected
    }

    It 'refuses <what>' -ForEach @(
        @{ what = 'no name at all'; place = @{}; id = 'AmbiguousPlacement'; says = "'asia/paris'" }
        @{ what = 'a name that two datacenters have'; place = @{ Datacenter = 'paris' }; id = 'AmbiguousPlacement'; says = "'asia/paris', 'europe/paris'" }
        @{ what = 'an unknown datacenter'; place = @{ Datacenter = 'berlin' }; id = 'DatacenterNotFound'; says = "'europe/rome'" }
        @{ what = 'an unknown folder'; place = @{ Folder = 'web3'; Datastore = 'datastore1' }; id = 'FolderNotFound'; says = "'prod/web'" }
        @{ what = 'names of two datacenters'; place = @{ Folder = 'web'; Datastore = 'branch-datastore1' }; id = 'DatacenterNotFound'; says = "VM folder 'web'" }
        @{ what = 'a datastore of another datacenter'; place = @{ Datacenter = 'rome'; Datastore = 'datastore1' }; id = 'DatastoreNotFound'; says = "'rome-datastore1'" }
    ) {
        $failure = { Import-VmOva $ova -Name never @place -ErrorAction Stop } | Should -Throw -PassThru -ErrorId "$id,VmDeploy.PowerShell.ImportVmOvaCommand"
        $failure.Exception.Message | Should -BeLike "*$says*"
        (Send-Order $simulator).Vms | Should -BeNullOrEmpty
    }

    It 'takes the member of a datastore cluster with the most free space' {
        $place = @{ Datastore = 'pod1'; HostName = 'cluster1' }
        $file = Join-Path $TestDrive 'fills.bin'
        [IO.File]::WriteAllBytes($file, [byte[]]::new(1MB))
        $null = Send-VmDatastoreFile $file pod1-1 -ErrorAction Stop
        $told = Invoke-Child $simulator "Import-VmOva '$ova' -Name web1 -Datastore pod1 -HostName cluster1 -WhatIf"
        ($told -replace '\s+', ' ') | Should -BeLike "*datastore 'pod1-2' (the member of datastore cluster 'pod1' with the most free space)*"
        (Send-Order $simulator).Vms | Should -BeNullOrEmpty
        $null = Import-VmOva $ova -Name web1 @place -ErrorAction Stop
        Get-Place web1 | Should -Be 'ha-datacenter |  | [pod1-2]'
        (Get-VmDatastore pod1-*).Folder | Should -Be 'pod1', 'pod1'
        # A file goes there too, and is then on one datastore.
        $sent = Send-VmDatastoreFile $file pod1 other.bin -ErrorAction Stop
        $sent.Path | Should -BeLike '`[pod1-[[12]`] other.bin'
        $sent, (Get-VmDatastoreFile '[pod1-1] fills.bin') | Remove-VmDatastoreFile -Confirm:$false -ErrorAction Stop
    }

    It 'offers the networks of each datacenter, without uplinks' {
        $networks = Get-VmNetwork
        $networks.Name | Should -Contain 'dvs1-production'
        $networks.Name | Should -Not -Match 'Uplink'
        ($networks | Where-Object Name -EQ 'VM Network').Datacenter | Sort-Object | Should -Be 'asia/paris', 'branch', 'europe/paris', 'europe/rome', 'ha-datacenter'
        $refused = { Import-VmOva $ova -Name never -Datastore datastore1 -Network dvs1-DVUplinks-1 -ErrorAction Stop } | Should -Throw -PassThru -ErrorId 'NetworkNotFound,*'
        $refused.Exception.Message | Should -BeLike "*'dvs1-production'*"
    }

    It 'does not act on a name that VMs of two places have' {
        $null = Import-VmOva $ova -Name web1 -Folder web -Datastore datastore1 -ErrorAction Stop
        $null = Import-VmOva $ova -Name web1 -Datacenter rome -ErrorAction Stop
        (Get-VmInstance web1).Datacenter | Sort-Object | Should -Be 'europe/rome', 'ha-datacenter'
        $failure = { Start-VmInstance web1 -ErrorAction Stop } | Should -Throw -PassThru -ErrorId 'AmbiguousVm,VmDeploy.PowerShell.StartVmInstanceCommand'
        $failure.Exception.Message | Should -BeLike '*prod/web*'
        (Send-Order $simulator).Vms.PowerState | Select-Object -Unique | Should -Be 'poweredOff'
        (Start-VmInstance web1* -ErrorAction Stop).PowerState | Should -Be 'On', 'On'
        $null = Get-VmInstance web1 | Where-Object Folder -EQ 'prod/web' | Stop-VmInstance -Force -Confirm:$false -ErrorAction Stop
        (Send-Order $simulator).Vms.PowerState | Sort-Object | Should -Be 'poweredOff', 'poweredOn'
    }
}
