BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    . "$PSScriptRoot/Support/Packages.ps1"
    $simulator = Start-Simulator @{ tools = $true }
    $session = Connect-Simulator $simulator
    $tiny = "$Repository/examples/tinyVM.ova"
    # The host has two.
    $PSDefaultParameterValues['Import-VmOva:Datastore'] = 'datastore1'
    Push-Location "$Repository/examples"
}

AfterAll {
    Pop-Location
    Get-VmSession | Disconnect-Esxi
    Stop-Simulator $simulator
}

Describe 'The story' {
    It 'imports what config_question7.json asks for, starts it and removes it' {
        $vms = Get-Content configs/config_question7.json | ConvertFrom-Json | Import-VmOva -ErrorAction Stop
        $vms.Name | Sort-Object | Should -Be 'tinyVM1', 'tinyVM2', 'tinyVM3'
        "$($vms.PowerState)" | Should -Be 'Off Off Off'
        $state = Send-Order $simulator
        $state.Vms.Name | Sort-Object | Should -Be 'tinyVM1', 'tinyVM2', 'tinyVM3'
        $state.OpenLeases | Should -Be 0

        $started = $vms | Start-VmInstance -ErrorAction Stop
        "$($started.PowerState)" | Should -Be 'On On On'

        $started | Remove-VmInstance -Force -Confirm:$false -ErrorAction Stop | Should -BeNullOrEmpty
        $state = Send-Order $simulator
        $state.Vms | Should -BeNullOrEmpty
        $state.Files | Should -BeNullOrEmpty
    }

    It 'is one pipeline from the file to running VMs' {
        $vms = Get-Content configs/config_question7.json | ConvertFrom-Json | Import-VmOva -ErrorAction Stop | Start-VmInstance -ErrorAction Stop
        $vms.Count | Should -Be 3
        "$($vms.PowerState)" | Should -Be 'On On On'
        Clear-Simulator $simulator
    }
}

Describe 'Names' {
    AfterEach { Clear-Simulator $simulator }

    It '<what>' -ForEach @(
        @{ what = 'exact names'; import = { Import-VmOva $tiny -Name web, db }; names = 'db', 'web' }
        @{ what = 'a prefix and a count'; import = { Import-VmOva $tiny -NamePrefix node -Count 2 }; names = 'node1', 'node2' }
        @{ what = 'the package''s own name'; import = { Import-VmOva $tiny }; names = 'tinyVM' }
        @{ what = 'JSON numbers as text'; import = { [pscustomobject]@{ ovf_path = $tiny; vm_name_prefix = 'n'; num_instances = '2' } | Import-VmOva }; names = 'n1', 'n2' }
        @{ what = 'an array in JSON'; names = 'a', 'b1'
            import = { "[{ `"ovf_path`": `"tinyVM.ova`", `"name`": `"a`" }, { `"ovf_path`": `"tinyVM.ova`", `"vm_name_prefix`": `"b`" }]" | ConvertFrom-Json | Import-VmOva } }
        @{ what = 'unknown keys are left alone'; import = { [pscustomobject]@{ ovf_path = $tiny; num_clones = 4; comment = 'x' } | Import-VmOva }; names = 'tinyVM' }
        @{ what = 'a piped file does not lend its name'; import = { Get-Item $tiny | Import-VmOva }; names = 'tinyVM' }
        @{ what = 'a piped file with a prefix'; import = { Get-Item $tiny | Import-VmOva -NamePrefix f }; names = 'f1' }
        @{ what = 'what Get-VmOva shows'; import = { Get-VmOva $tiny | Import-VmOva }; names = 'tinyVM' }
        @{ what = 'Unicode'; import = { Import-VmOva $tiny -Name 'überprüfung-日本' }; names = 'überprüfung-日本' }
    ) {
        $ErrorActionPreference = 'Stop'
        $vms = & $import
        $vms.Name | Sort-Object | Should -Be $names
        (Send-Order $simulator).Vms.Name | Sort-Object | Should -Be $names
    }
}

Describe 'Paths' {
    AfterEach { Clear-Simulator $simulator }

    It 'with brackets, spaces and Unicode, <what>' -ForEach @(
        @{ what = 'literally'; import = { Import-VmOva -LiteralPath $file } }
        @{ what = 'as they are'; import = { Import-VmOva $file } }
        @{ what = 'relative in JSON'; import = { [pscustomobject]@{ ovf_path = './a [1] ü.ova' } | Import-VmOva } }
    ) {
        $file = Join-Path $TestDrive 'a [1] ü.ova'
        Copy-Item $tiny -Destination $file
        Push-Location $TestDrive
        $ErrorActionPreference = 'Stop'
        (& $import).Name | Should -Be 'tinyVM'
        Pop-Location
    }
}

Describe '-WhatIf' {
    It 'changes nothing, and says where each VM would go' {
        $before = Send-Order $simulator | ConvertTo-Json -Depth 6
        $said = Invoke-Child $simulator "Set-Location '$Repository/examples'; Get-Content configs/config_question7.json | ConvertFrom-Json | Import-VmOva -WhatIf"
        foreach ($name in 'tinyVM1', 'tinyVM2', 'tinyVM3') { $said | Should -Match "What if: .*datastore1.*$name" }
        Send-Order $simulator | ConvertTo-Json -Depth 6 | Should -Be $before
    }

    It 'still resolves names: <id>' -ForEach @(
        @{ id = 'DatastoreNotFound'; with = @{ Datastore = 'nowhere' } }
        @{ id = 'HostNotFound'; with = @{ HostName = 'nobody' } }
        @{ id = 'NetworkNotFound'; with = @{ NetworkMap = 'No Network' } }
        @{ id = 'OvfNetworkUnknown'; with = @{ NetworkMap = @{ 'Not in the OVF' = 'VM Network' } } }
    ) {
        { Import-VmOva $tiny @with -WhatIf -ErrorAction Stop } | Should -Throw -ErrorId "$id,VmDeploy.PowerShell.ImportVmOvaCommand"
    }
}

Describe 'Failures' {
    AfterEach { Clear-Simulator $simulator }

    It '<id> names the thing and leaves nothing: <what>' -ForEach @(
        @{ what = 'unknown datastore'; id = 'DatastoreNotFound'; category = 'ObjectNotFound'; names = 'nowhere.*datastore1'
            import = { Import-VmOva $tiny -Datastore nowhere } }
        @{ what = 'unknown host'; id = 'HostNotFound'; category = 'ObjectNotFound'; names = 'nobody.*localhost'
            import = { Import-VmOva $tiny -HostName nobody } }
        @{ what = 'unknown network'; id = 'NetworkNotFound'; category = 'ObjectNotFound'; names = 'Moon.*VM Network'
            import = { Import-VmOva $tiny -NetworkMap @{ 'VM Network' = 'Moon' } } }
        @{ what = 'no such file'; id = 'OvaNotFound'; category = 'ObjectNotFound'; names = 'none.ova'
            import = { Import-VmOva ./none.ova } }
        @{ what = 'wrong digest'; id = 'OvaDigestMismatch'; category = 'SecurityError'; names = 'tinyVM-disk1.vmdk'
            import = { Import-VmOva (New-Package $TestDrive 'bad.ova' { param($f) Edit-Byte "$f/tinyVM-disk1.vmdk" 5000 }) } }
        @{ what = 'licence not accepted'; id = 'EulaNotAccepted'; category = '*'; names = 'licen'
            import = { Import-VmOva (New-EulaPackage $TestDrive) } }
        @{ what = 'name twice'; id = 'DuplicateVmName'; category = 'InvalidArgument'; names = 'same'
            import = { Import-VmOva $tiny -Name same, same } }
    ) {
        $ErrorActionPreference = 'Stop'
        $caught = $null
        try { & $import } catch { $caught = $_ }
        $caught.FullyQualifiedErrorId | Should -Be "$id,VmDeploy.PowerShell.ImportVmOvaCommand"
        "$($caught.CategoryInfo.Category)" | Should -BeLike $category
        $caught.Exception.Message | Should -Match $names
        $caught.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $state = Send-Order $simulator
        $state.Vms | Should -BeNullOrEmpty
        $state.Files | Should -BeNullOrEmpty
        $state.OpenLeases | Should -Be 0
    }

    It 'EulaNotAccepted says how to read it, and -AcceptEula imports' {
        $file = New-EulaPackage $TestDrive
        $caught = $null
        try { Import-VmOva $file -ErrorAction Stop } catch { $caught = $_ }
        $caught.ErrorDetails.RecommendedAction | Should -Match 'Get-VmOva'
        (Import-VmOva $file -AcceptEula -ErrorAction Stop).Name | Should -Be 'tinyVM'
    }

    It '<id> names keys that exclude each other or mean the same: <key>' -ForEach @(
        @{ key = 'name'; value = 'web'; id = 'NameInvalid'; says = "'web'.* and the names made of 'tinyVM' exclude each other" }
        @{ key = 'count'; value = 2; id = 'PipelineValueInvalid'; says = "'Count' and 'num_instances' both mean -Count" }
    ) {
        $job = Get-Content configs/config_question7.json | ConvertFrom-Json
        $job | Add-Member $key $value
        $job | Import-VmOva -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be "$id,VmDeploy.PowerShell.ImportVmOvaCommand"
        $failed[0].Exception.Message | Should -Match $says
        ($job | Select-Object * -ExcludeProperty count, name | Import-VmOva -Name typed -ErrorAction Stop).Name | Should -Be 'typed'
        Remove-VmInstance typed -Confirm:$false
    }

    It 'a value that its parameter can not take is refused: <key>' -ForEach @(
        @{ key = 'num_instances'; value = 'three' }
        @{ key = 'power_on'; value = 'yes' }
        @{ key = 'disk_provisioning'; value = 'Thikc' }
        @{ key = 'existing_vm'; value = 'Replcae' }
    ) {
        $job = Get-Content configs/config_question7.json | ConvertFrom-Json
        $job | Add-Member $key $value -Force
        $job | Import-VmOva -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be 'ParameterArgumentTransformationError,VmDeploy.PowerShell.ImportVmOvaCommand'
        "$($failed[0])" | Should -Match "'$value' is not "
        (Send-Order $simulator).Vms.Name | Should -Not -Contain 'tinyVM1'
    }

    It 'VmNameExists leaves the VM that is there' {
        $null = Import-VmOva $tiny -Name there
        { Import-VmOva $tiny -Name there -ErrorAction Stop } | Should -Throw -ErrorId 'VmNameExists,VmDeploy.PowerShell.ImportVmOvaCommand'
        (Get-VmInstance).Name | Should -Be 'there'
        (Import-VmOva $tiny -Name there -ExistingVm Reuse -ErrorAction Stop).Id | Should -Be (Get-VmInstance there).Id
    }

    It 'a bad record in the middle does not stop the others' {
        $vms = @(
            [pscustomobject]@{ ovf_path = $tiny; vm_name_prefix = 'first' }
            [pscustomobject]@{ ovf_path = $tiny; vm_name_prefix = 'bad'; host_name = 'nobody' }
            [pscustomobject]@{ ovf_path = $tiny; vm_name_prefix = 'last' }
        ) | Import-VmOva -ErrorVariable failures -ErrorAction SilentlyContinue
        $vms.Name | Should -Be 'first1', 'last1'
        $failures.FullyQualifiedErrorId | Should -Be 'HostNotFound,VmDeploy.PowerShell.ImportVmOvaCommand'
    }

    It '-ErrorAction Stop ends at the bad record' {
        {
            @(
                [pscustomobject]@{ ovf_path = $tiny; vm_name_prefix = 'first' }
                [pscustomobject]@{ ovf_path = $tiny; vm_name_prefix = 'bad'; host_name = 'nobody' }
                [pscustomobject]@{ ovf_path = $tiny; vm_name_prefix = 'last' }
            ) | Import-VmOva -ErrorAction Stop
        } | Should -Throw -ErrorId 'HostNotFound,VmDeploy.PowerShell.ImportVmOvaCommand'
        (Get-VmInstance).Name | Should -Be 'first1'
    }

    It 'a host that refuses writes says <id>' -ForEach @(
        @{ id = 'LicenceRestricted'; setup = @{ freeLicense = $true } }
        @{ id = 'HostManagedByVCenter'; setup = @{ managedBy = '192.0.2.7' } }
    ) {
        $other = Start-Simulator $setup
        $to = Connect-Simulator $other
        { Import-VmOva $tiny -Session $to -ErrorAction Stop } | Should -Throw -ErrorId "$id,VmDeploy.PowerShell.ImportVmOvaCommand"
        Disconnect-Esxi $to
        Stop-Simulator $other
    }
}

Describe 'An import that is stopped' {
    BeforeEach { $null = Send-Order $simulator @{ do = 'rate'; bytesPerSecond = 500 } }
    AfterEach { Clear-Simulator $simulator }

    It 'by Select-Object -First keeps what it gave, and leaves nothing else' {
        $null = Send-Order $simulator @{ do = 'rate'; bytesPerSecond = 5000 }
        $vm = Import-VmOva $tiny -NamePrefix one -Count 5 -ThrottleLimit 1 -UploadEach | Select-Object -First 1
        $vm.Name | Should -Be 'one1'
        $after = Send-Order $simulator
        $after.OpenLeases | Should -Be 0
        $after.Vms.Name | Should -Be 'one1'
    }

    It 'by a failure downstream leaves nothing half made' {
        $null = Send-Order $simulator @{ do = 'rate'; bytesPerSecond = 5000 }
        { Import-VmOva $tiny -NamePrefix one -Count 5 -ThrottleLimit 1 -UploadEach | ForEach-Object { throw 'downstream' } } | Should -Throw 'downstream'
        $after = Send-Order $simulator
        $after.OpenLeases | Should -Be 0
        $after.Vms.Name | Should -Be 'one1'
    }
}

Describe 'Progress of an import' {
    It 'counts bytes per VM under one bar, and ends' {
        $null = Send-Order $simulator @{ do = 'rate'; bytesPerSecond = 10000 }
        $state = [initialsessionstate]::CreateDefault2()
        $state.ImportPSModule($ModulePath)
        $shell = [powershell]::Create($state)
        $null = $shell.AddCommand('Import-VmOva').AddParameters(@{ Path = $tiny; NamePrefix = 'bar'; Count = 2; Datastore = 'datastore1'; UploadEach = $true; Session = $session }).Invoke()
        $bars = $shell.Streams.Progress | Group-Object ActivityId
        $shell.Dispose()
        $bars.Count | Should -BeGreaterOrEqual 2
        foreach ($bar in $bars) { $bar.Group[-1].RecordType | Should -Be 'Completed' }
        $whole = $bars | Where-Object { $_.Group[0].ParentActivityId -eq -1 }
        @($whole).Count | Should -Be 1
        $parts = $bars | Where-Object { $_.Group[0].ParentActivityId -ne -1 }
        $parts.Group.ParentActivityId | Select-Object -Unique | Should -Be ([int]$whole.Name)
        $parts.Group.StatusDescription -match ' of 7 KB' | Should -Not -BeNullOrEmpty
        Clear-Simulator $simulator
    }
}

Describe 'Arguments' {
    AfterEach { Clear-Simulator $simulator }

    It 'a map is taken as <what>' -ForEach @(
        @{ what = 'a hashtable'; map = @{ 'VM Network' = 'VM Network' } }
        @{ what = 'one network for all'; map = 'VM Network' }
        @{ what = 'a JSON object'; map = '{ "VM Network": "VM Network" }' | ConvertFrom-Json }
    ) {
        $null = Import-VmOva $tiny -NetworkMap $map -ErrorAction Stop
        (Send-Order $simulator).Vms[0].Nics[0].Network | Should -Be 'VM Network'
    }

    It '-PowerOn and -Annotation reach the VM, also from JSON' {
        $vm = '{ "ovf_path": "tinyVM.ova", "power_on": true, "annotation": "for a test", "network_map": { "VM Network": "VM Network" }, "disk_provisioning": "thin" }' |
            ConvertFrom-Json | Import-VmOva -ErrorAction Stop
        "$($vm.PowerState)" | Should -Be 'On'
        $vm.Annotation | Should -Be 'for a test'
        $there = (Send-Order $simulator).Vms[0]
        $there.Annotation | Should -Be 'for a test'
        $there.Disks[0].ThinProvisioned | Should -BeTrue
    }

    It 'that are wrong are refused before anything happens: <what>' -ForEach @(
        @{ what = 'a count of none'; with = @{ Count = 0 } }
        @{ what = 'a map that is a number'; with = @{ NetworkMap = 5 } }
        @{ what = 'a provisioning that does not exist'; with = @{ DiskProvisioning = 'Fluffy' } }
    ) {
        { Import-VmOva $tiny @with } | Should -Throw -ExceptionType ([Management.Automation.ParameterBindingException])
    }
}
