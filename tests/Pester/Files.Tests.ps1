# The same lines on every kind of host, as in Story.Tests.ps1; only vSphere has folders.
Describe 'Files of datastores on <mode>' -ForEach @(@{ mode = 'esxi' }, @{ mode = 'vcenter' }, @{ mode = 'xenserver' }) {
    BeforeAll {
        . "$PSScriptRoot/Support/Import.ps1"
        . "$PSScriptRoot/Support/Simulator.ps1"
        $simulator = Start-Simulator @{ mode = $mode }
        $session = Connect-Simulator $simulator
        $store, $folder = if ($mode -eq 'xenserver') { 'ISO library', '' } else { 'datastore1', 'iso/deep/' }
        $path = "[$store] ${folder}first.iso"
        $iso = Join-Path $TestDrive 'first.iso'
        Write-Iso $iso
        function Get-Trace {
            $state = Send-Order $simulator
            @($state.Files) + @($state.Inventory) | Where-Object { $_ } | ForEach-Object { $_ -replace '\S{8}-\S{4}-\S{4}-\S{4}-\S{12}', '*' } | Sort-Object
        }
        function Get-Sent { (Send-Order $simulator).BytesUploaded }
        $before = Get-Trace
        function Get-New { Get-Trace | Where-Object { $_ -notin $before } }
        $local = (New-Item -ItemType Directory (Join-Path $TestDrive "received-$mode")).FullName
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It 'sends nothing with -WhatIf' {
        Send-VmDatastoreFile $iso $store "${folder}first.iso" -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
        Get-New | Should -BeNullOrEmpty
        Get-Sent | Should -Be 0
    }

    It 'sends a file, and the same file no second time' {
        $file = Send-VmDatastoreFile $iso $store "${folder}first.iso" -ErrorAction Stop
        "$($file.Path) $($file.Name) $($file.Length) $($file.WasSent)" | Should -Be "$path first.iso 40960 True"
        @(Get-New) -match 'first\.iso' | Should -HaveCount 1
        $sent = Get-Sent
        $sent | Should -BeGreaterOrEqual 40960
        (Send-VmDatastoreFile $iso -Destination $path -ErrorAction Stop).WasSent | Should -BeFalse
        Get-Sent | Should -Be $sent
    }

    It 'overwrites another file only with -Force, and receives what is there then' {
        $other = Join-Path $TestDrive 'other.iso'
        Write-Iso $other
        Add-Content $other 'more' -NoNewline
        $failure = { Send-VmDatastoreFile $other -Destination $path -ErrorAction Stop } | Should -Throw -PassThru -ErrorId 'FileDiffers,VmDeploy.PowerShell.SendVmDatastoreFileCommand'
        $failure.Exception.Message | Should -BeLike '*40960*40964*'
        (Receive-VmDatastoreFile $path -Destination "$local/a.iso" -ErrorAction Stop).FullName | Should -Be (Get-Item "$local/a.iso").FullName
        (Get-FileHash "$local/a.iso").Hash | Should -Be (Get-FileHash $iso).Hash
        (Send-VmDatastoreFile $other -Destination $path -Force -ErrorAction Stop).WasSent | Should -BeTrue
        { Receive-VmDatastoreFile $path -Destination "$local/a.iso" -ErrorAction Stop } | Should -Throw -ErrorId 'LocalFileExists,VmDeploy.PowerShell.ReceiveVmDatastoreFileCommand'
        (Get-FileHash "$local/a.iso").Hash | Should -Be (Get-FileHash $iso).Hash
        $null = Receive-VmDatastoreFile $path -Destination "$local/a.iso" -Force -ErrorAction Stop
        (Get-FileHash "$local/a.iso").Hash | Should -Be (Get-FileHash $other).Hash
        @(Get-New) -match '\.iso' | Should -HaveCount 1
    }

    It 'sends what is piped, lists it by pattern, and receives it into a folder' {
        $null = New-Item -ItemType Directory "$TestDrive/many-$mode"
        'b', 'c' | ForEach-Object { Write-Iso "$TestDrive/many-$mode/many-$_.iso" }
        $sent = Get-ChildItem "$TestDrive/many-$mode" | Send-VmDatastoreFile -Datastore $store -Destination $folder -ErrorAction Stop
        $sent.Path | Should -Be "[$store] ${folder}many-b.iso", "[$store] ${folder}many-c.iso"
        $found = Get-VmDatastoreFile "[$store] ${folder}many-*" -ErrorAction Stop
        $found.Name | Should -Be 'many-b.iso', 'many-c.iso'
        $found.ForEach({ $_.Length }) | Should -Be 40960, 40960
        $found.WasSent | Should -Be $null, $null
        (Get-VmDatastore $store | Get-VmDatastoreFile -Recurse -ErrorAction Stop).Path | Should -Contain $path
        Receive-VmDatastoreFile "[$store] ${folder}many-*" -Destination $local -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
        "$local/many-b.iso" | Should -Not -Exist
        ($found | Receive-VmDatastoreFile -Destination "$local/new/" -ErrorVariable failed -ErrorAction SilentlyContinue) | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Select-Object -Unique | Should -Be 'LocalFileNotWritable,VmDeploy.PowerShell.ReceiveVmDatastoreFileCommand'
        ($found | Receive-VmDatastoreFile -Destination "$local/" -ErrorAction Stop).Name | Should -Be 'many-b.iso', 'many-c.iso'
        Receive-VmDatastoreFile $path -Destination $local -ErrorAction Stop | Select-Object -ExpandProperty Name | Should -Be 'first.iso'
        Get-ChildItem $local -Name | Sort-Object | Should -Be 'a.iso', 'first.iso', 'many-b.iso', 'many-c.iso'
    }

    It 'says what is not found, and which datastores there are' {
        { Get-VmDatastoreFile "[$store] ${folder}none.iso" -ErrorAction Stop } | Should -Throw -ErrorId 'HostFileNotFound,*' -ExpectedMessage '*none.iso*'
        { Receive-VmDatastoreFile "[$store] ${folder}none.iso" -Destination $local -ErrorAction Stop } | Should -Throw -ErrorId 'HostFileNotFound,*'
        { Remove-VmDatastoreFile "[$store] ${folder}none.iso" -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'HostFileNotFound,*'
        Get-VmDatastoreFile "[$store] ${folder}none*" -ErrorAction Stop | Should -BeNullOrEmpty
        $list, $send = if ($mode -eq 'xenserver') { 'StorageNotFound', 'IsoStorageNotFound' } else { 'DatastoreNotFound', 'DatastoreNotFound' }
        { Get-VmDatastoreFile '[nowhere] first.iso' -ErrorAction Stop } | Should -Throw -ErrorId "$list,*" -ExpectedMessage "*'nowhere'*'$store'*"
        { Send-VmDatastoreFile $iso nowhere -ErrorAction Stop } | Should -Throw -ErrorId "$send,*" -ExpectedMessage "*'nowhere'*'$store'*"
        { Send-VmDatastoreFile "$TestDrive/none.iso" $store -ErrorAction Stop } | Should -Throw -ErrorId 'LocalFileNotFound,*'
    }

    It 'survives a connection that breaks, and leaves no part of a file' {
        $big = Join-Path $TestDrive 'big.iso'
        Write-Iso $big
        # Zeros are not sent to XenServer.
        $content = [byte[]]::new(3MB)
        [Random]::new(1).NextBytes($content)
        Add-Content $big $content -AsByteStream
        $null = Send-Order $simulator @{ do = 'cut'; atByte = 1MB }
        (Send-VmDatastoreFile $big $store "${folder}big.iso" -ErrorAction Stop -WarningVariable warned -WarningAction SilentlyContinue).WasSent | Should -BeTrue
        "$warned" | Should -Match 'interrupted'
        $null = Receive-VmDatastoreFile "[$store] ${folder}big.iso" -Destination "$local/big.iso" -ErrorAction Stop
        (Get-FileHash "$local/big.iso").Hash | Should -Be (Get-FileHash $big).Hash
        @(Get-New) -match 'big' | Should -HaveCount 1
        Remove-VmDatastoreFile "[$store] ${folder}big.iso" -Confirm:$false -ErrorAction Stop
        @(Get-New) -match 'big' | Should -HaveCount 0
    }

    It 'refuses to remove what a VM uses, and names the VM' {
        $place = @{
            HostName  = (Get-VmHypervisor | Select-Object -Last 1).Name
            Datastore = (Get-VmDatastore 'datastore1', 'Local storage' -ErrorAction Ignore).Name
        }
        if ($mode -eq 'vcenter') { $place.HostName = 'localhost.localdomain' }
        $null = Import-VmOva "$Repository/examples/tinyVM.ova" -Name web1 @place -ErrorAction Stop | Add-VmCdrom -IsoPath $path -ErrorAction Stop
        { Remove-VmDatastoreFile $path -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'FileInUse,VmDeploy.PowerShell.RemoveVmDatastoreFileCommand' -ExpectedMessage "*'web1'*"
        $disk = (Get-VmDisk web1).Path
        { Remove-VmDatastoreFile $disk $place.Datastore -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'FileInUse,*' -ExpectedMessage "*'web1'*"
        (Send-Order $simulator).Vms[0].Disks[0].LocalPath | Should -Exist
        Get-VmCdrom web1 | Set-VmCdrom -Eject -ErrorAction Stop | Out-Null
        Remove-VmDatastoreFile $path -WhatIf -ErrorAction Stop
        @(Get-New) -match 'first\.iso' | Should -HaveCount 1
        Remove-VmDatastoreFile $path -Confirm:$false -ErrorAction Stop
        @(Get-New) -match 'first\.iso' | Should -HaveCount 0
        Remove-VmInstance web1 -Confirm:$false -ErrorAction Stop
    }

    It 'removes a folder only with -Recurse' {
        if ($mode -eq 'xenserver') { return }
        { Remove-VmDatastoreFile '[datastore1] iso' -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'FolderNotEmpty,VmDeploy.PowerShell.RemoveVmDatastoreFileCommand'
        (Get-VmDatastoreFile iso datastore1 -Recurse -ErrorAction Stop).Path | Should -Be '[datastore1] iso/deep', '[datastore1] iso/deep/many-b.iso', '[datastore1] iso/deep/many-c.iso'
        (Get-VmDatastoreFile -Datastore datastore1 -ErrorAction Stop).Type | Should -Be 'Folder'
        { Receive-VmDatastoreFile '[datastore1] iso' -Destination $local -ErrorAction Stop } | Should -Throw -ErrorId 'DatastorePathInvalid,*'
        $null = Send-VmDatastoreFile $iso datastore1 keep.iso -ErrorAction Stop
        Remove-VmDatastoreFile '[datastore1] iso' -Recurse -Confirm:$false -ErrorAction Stop
        Get-New | Should -Be '[datastore1] keep.iso'
        Get-VmDatastoreFile '[datastore1] keep.iso' | Remove-VmDatastoreFile -Confirm:$false -ErrorAction Stop
    }

    It 'leaves nothing' {
        if ($mode -eq 'xenserver') { Get-VmDatastoreFile many-* | Remove-VmDatastoreFile -Confirm:$false -ErrorAction Stop }
        Get-Trace | Should -Be $before
        @(Get-ChildItem $TestDrive -Recurse -File | Where-Object Extension -NE '.iso').Count | Should -Be 0
    }
}

Describe 'Files where two datacenters have a datastore of the same name' {
    BeforeAll {
        . "$PSScriptRoot/Support/Import.ps1"
        . "$PSScriptRoot/Support/Simulator.ps1"
        $simulator = Start-Simulator @{ mode = 'vcenter'; datacenters = 'asia/paris', 'europe/paris' }
        $null = Connect-Simulator $simulator
        $iso = Join-Path $TestDrive 'a.iso'
        Write-Iso $iso
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It 'asks for the datacenter, and a file brings its own' {
        $failure = { Send-VmDatastoreFile $iso paris-datastore1 -ErrorAction Stop } | Should -Throw -PassThru -ErrorId 'AmbiguousPlacement,VmDeploy.PowerShell.SendVmDatastoreFileCommand'
        $failure.Exception.Message | Should -BeLike "*'asia/paris', 'europe/paris'*"
        $sent = Send-VmDatastoreFile $iso paris-datastore1 -Datacenter europe/paris -ErrorAction Stop
        "$($sent.Datacenter) $($sent.Datastore)" | Should -Be 'europe/paris paris-datastore1'
        { Get-VmDatastoreFile '[paris-datastore1] a.iso' -ErrorAction Stop } | Should -Throw -ErrorId 'AmbiguousPlacement,*'
        { Get-VmDatastoreFile '[paris-datastore1] a.iso' -Datacenter asia/paris -ErrorAction Stop } | Should -Throw -ErrorId 'HostFileNotFound,*'
        (Get-VmDatastore paris-* | Where-Object Datacenter -EQ 'europe/paris' | Get-VmDatastoreFile -ErrorAction Stop).Path | Should -Be '[paris-datastore1] a.iso'
        $null = $sent | Receive-VmDatastoreFile -Destination "$TestDrive/back.iso" -ErrorAction Stop
        (Get-FileHash "$TestDrive/back.iso").Hash | Should -Be (Get-FileHash $iso).Hash
        $sent | Remove-VmDatastoreFile -Confirm:$false -ErrorAction Stop
        (Send-Order $simulator).Files | Should -BeNullOrEmpty
    }
}
