# Tests for XenServer only; the common ones are in Story.Tests.ps1.
BeforeDiscovery {
    . "$PSScriptRoot/Support/Requires.ps1"
    $shared = $env:VMDEPLOY_SHARED ? $env:VMDEPLOY_SHARED : "$PSScriptRoot/../../../shared"
    $noDatamodel = -not (Test-Path "$shared/xapi/xenapi.json") -and -not (Test-BuildServer)
}

BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    $simulator = Start-Simulator @{ mode = 'xenserver'; tools = $true }
    $at = @{ Server = $simulator.Server; Credential = $simulator.Credential; Port = $simulator.HttpsPort }
    $pin = @{ CertificateThumbprint = $simulator.Thumbprint }
    Push-Location "$Repository/examples"
}

AfterAll {
    Pop-Location
    Disconnect-All
    Stop-Simulator $simulator
}

Describe 'Connect-Xapi' {
    AfterEach { Disconnect-All }

    It 'opens a session, and Disconnect-Xapi ends it on the host' {
        $session = Connect-Xapi @at @pin
        $session.Kind | Should -Be 'XenServer'
        $session.Product | Should -Be 'XenServer 8.4.0'
        (Test-VmSession).IsAlive | Should -BeTrue
        (Send-Order $simulator).OpenSessions | Should -Be 1
        Disconnect-Xapi
        $session.IsOpen | Should -BeFalse
        (Send-Order $simulator).OpenSessions | Should -Be 0
    }

    It 'logs in again when the host has ended the session' {
        $null = Connect-Xapi @at @pin
        $null = Send-Order $simulator @{ do = 'expire' }
        { Get-VmNetwork -ErrorAction Stop } | Should -Not -Throw
    }

    It 'fails with <id> <why>' -ForEach @(
        @{ id = 'CertificateNotTrusted'; category = 'SecurityError'; why = 'when nobody vouches for the certificate'; with = @{} }
        @{ id = 'CertificateThumbprintMismatch'; category = 'SecurityError'; why = 'when the certificate is another one'
            with = @{ CertificateThumbprint = 'AB' * 32 } }
        @{ id = 'HostUnreachable'; category = 'ConnectionError'; why = 'when nobody listens'; with = @{ Port = 1 } }
        @{ id = 'LoginFailed'; category = 'AuthenticationError'; why = 'when the password is wrong'
            with = @{ Credential = [pscredential]::new('root', (ConvertTo-SecureString 'wrong' -AsPlainText -Force)); SkipCertificateCheck = $true } }
    ) {
        $arguments = $at.Clone()
        foreach ($key in $with.Keys) { $arguments[$key] = $with[$key] }
        $caught = $null
        try { Connect-Xapi @arguments -WarningAction SilentlyContinue } catch { $caught = $_ }
        $caught.FullyQualifiedErrorId | Should -Be "$id,VmDeploy.PowerShell.ConnectXapiCommand"
        "$($caught.CategoryInfo.Category)" | Should -Be $category
        $caught.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        (Send-Order $simulator).OpenSessions | Should -Be 0
    }

    It 'an ESXi host beside it is not closed by Disconnect-Xapi, nor the other way round' {
        $other = Start-Simulator
        $esxi = Connect-Simulator $other
        $xen = Connect-Xapi @at @pin
        Disconnect-Xapi
        $esxi.IsOpen, $xen.IsOpen | Should -Be $true, $false
        $xen = Connect-Xapi @at @pin
        Disconnect-Esxi
        $esxi.IsOpen, $xen.IsOpen | Should -Be $false, $true
        Stop-Simulator $other
    }

    It 'a session that is still open is logged out when <what>' -ForEach @(
        @{ what = 'the module is removed'; how = "Remove-Module VmDeploy; 'removed'" }
        @{ what = 'PowerShell exits'; how = "'connected'" }
    ) {
        Invoke-Child $simulator $how | Should -Match 'removed|connected'
        (Send-Order $simulator).OpenSessions | Should -Be 0
    }
}

Describe 'What there is' {
    BeforeAll { $null = Connect-Xapi @at @pin }
    AfterAll { Disconnect-All }

    It 'lists the pool''s <what>' -ForEach @(
        @{ what = 'hosts'; list = { (Get-VmHypervisor).Name }; there = 'xenserver-sim' }
        @{ what = 'storage repositories'; list = { (Get-VmDatastore).Name }; there = 'Local storage', 'ISO library' }
        @{ what = 'networks'; list = { (Get-VmNetwork).Name }; there = 'Pool-wide network associated with eth0' }
        @{ what = 'templates'; list = { (Get-VmTemplate).Name }; there = 'alpine-template', 'Other install media' }
        @{ what = 'templates of a name'; list = { (Get-VmTemplate 'alpine*').Name }; there = 'alpine-template' }
    ) {
        $list = & $list
        $there | ForEach-Object { $list | Should -Contain $_ }
    }

    It 'puts a file into the ISO library once' {
        $file = Join-Path $TestDrive 'sent.iso'
        [IO.File]::WriteAllBytes($file, [byte[]](1..255) * 8)
        (Send-VmDatastoreFile $file -ErrorAction Stop).WasSent | Should -BeTrue
        (Send-VmDatastoreFile $file -ErrorAction Stop).WasSent | Should -BeFalse
        @((Send-Order $simulator).Inventory -match 'sent\.iso').Count | Should -Be 1
        [IO.File]::WriteAllBytes($file, [byte[]]::new(4096))
        { Send-VmDatastoreFile $file -ErrorAction Stop } | Should -Throw -ErrorId 'FileDiffers,VmDeploy.PowerShell.SendVmDatastoreFileCommand'
    }
}

Describe 'New-VmFromTemplate' {
    BeforeAll {
        $null = Connect-Xapi @at @pin
        $before = (Send-Order $simulator).Inventory
    }

    AfterAll { Disconnect-All }

    AfterEach {
        Clear-Simulator $simulator
        (Send-Order $simulator).Inventory | Where-Object { $_ -notmatch '^(network|PIF|VLAN) ' } |
            Should -Be ($before | Where-Object { $_ -notmatch '^(network|PIF|VLAN) ' })
    }

    It 'makes what vm_deploy.json asks for' {
        $vm = Get-Content configs/vm_deploy.json | ConvertFrom-Json | New-VmFromTemplate -ErrorAction Stop
        $vm.Name | Should -Be 'test-vm-01'
        $vm.CpuCount | Should -Be 2
        $vm.MemoryMB | Should -Be 2048
        $there = (Send-Order $simulator).Vms
        $there.Name | Should -Be 'test-vm-01'
        $there.PowerState | Should -Be 'Halted'
        $there.CpuCount | Should -Be 2
        $there.MemoryMB | Should -Be 2048
        $there.Disks.CapacityBytes | Should -Be 20GB
        $there.Nics.Count | Should -Be 1
        # The template's own bytes.
        $start = [byte[]]::new(6)
        $disk = [IO.File]::OpenRead($there.Disks[0].LocalPath)
        try { $disk.ReadExactly($start) } finally { $disk.Dispose() }
        [Text.Encoding]::ASCII.GetString($start) | Should -Be 'Alpine'
    }

    It 'takes an array of such objects, and one that fails does not keep the others' {
        $job = '[{ "name": "a", "template": "alpine-template" }, { "name": "b", "template": "nothing" }, { "name": "c", "template": "alpine-template" }]'
        $vms = $job | ConvertFrom-Json | New-VmFromTemplate -ErrorVariable failed -ErrorAction SilentlyContinue
        $vms.Name | Should -Be 'a', 'c'
        $failed.FullyQualifiedErrorId | Should -Be 'TemplateNotFound,VmDeploy.PowerShell.NewVmFromTemplateCommand'
        $failed.Exception.Message | Should -Match 'alpine-template'
    }

    It 'takes the template <what>' -ForEach @(
        @{ what = 'that is piped in'; make = { Get-VmTemplate alpine-template | New-VmFromTemplate -Name x }; name = 'x' }
        @{ what = 'that is piped in, with a prefix'; make = { Get-VmTemplate alpine-template | New-VmFromTemplate -NamePrefix x -Count 1 }; name = 'x1' }
        @{ what = 'that is piped in, under its own name'; make = { Get-VmTemplate alpine-template | New-VmFromTemplate }; name = 'alpine-template' }
        @{ what = 'by its uuid'; make = { New-VmFromTemplate (Get-VmTemplate alpine-template).Uuid -Name x }; name = 'x' }
    ) {
        $ErrorActionPreference = 'Stop'
        (& $make).Name | Should -Be $name
        $there = (Send-Order $simulator).Vms
        $there.Name | Should -Be $name
        $there.MemoryMB | Should -Be 512
    }

    It 'numbers several, copies fully, adds disks, puts them on a VLAN and starts them' {
        $vms = New-VmFromTemplate alpine-template -NamePrefix node -Count 2 -ExtraDiskGB 1, 2 -FullCopy -Vlan 42 -PowerOn `
            -Network 'Pool-wide network associated with eth0' -Annotation 'a node' -ErrorAction Stop
        $vms.Name | Sort-Object | Should -Be 'node1', 'node2'
        foreach ($vm in (Send-Order $simulator).Vms) {
            $vm.PowerState | Should -Be 'Running'
            $vm.Annotation | Should -Be 'a node'
            $vm.Disks.CapacityBytes | Should -Be 1GB, 1GB, 2GB
            $vm.Nics.Network | Should -Match '42'
        }
        @((Send-Order $simulator).Inventory -match '^VLAN ').Count | Should -Be 1
    }

    It 'is what New-VmClone points to when it is given a template' {
        $made = New-VmClone 'Alpine-Template', 'nobody' -ErrorVariable failed -ErrorAction SilentlyContinue
        $made | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -Be (@('VmNotFound,VmDeploy.PowerShell.NewVmCloneCommand') * 2)
        foreach ($one in $failed) {
            ($one.ErrorDetails.RecommendedAction -match 'New-VmFromTemplate') | Should -Be ($one.TargetObject -eq 'Alpine-Template')
        }
    }

    It 'takes cloud-init''s documents from JSON' {
        '{ "template": "alpine-template", "name": "cloudy", "user_data": { "hostname": "from-json" }, "meta_data": "instance-id: my-id", "network_config": { "version": 2 } }' |
            ConvertFrom-Json | New-VmFromTemplate -ErrorAction Stop
        $drive = [Text.Encoding]::ASCII.GetString([IO.File]::ReadAllBytes((Send-Order $simulator).Vms.Disks[-1].LocalPath))
        $drive | Should -Match '(?s)#cloud-config.{1,50}from-json'
        $drive | Should -Match 'instance-id: my-id'
        $drive | Should -Match '"version":\s+2'
    }

    It 'refuses the path of a file that is not there as <_>' -ForEach 'NetworkConfig', 'MetaData', 'UserData' {
        $with = @{ $_ = './none-such.yaml' }
        $caught = $null
        try { New-VmFromTemplate alpine-template -Name cloudy @with -ErrorAction Stop } catch { $caught = $_ }
        $caught.FullyQualifiedErrorId | Should -Be 'ParameterArgumentTransformationError,VmDeploy.PowerShell.NewVmFromTemplateCommand'
        $caught.Exception.Message | Should -Match 'none-such\.yaml'
        Get-VmInstance | Should -BeNullOrEmpty
    }

    It 'puts cloud-init''s documents on a drive of their own' {
        $null = New-VmFromTemplate alpine-template -Name cloudy -UserData @{ hostname = 'cloudy'; packages = @('curl') } -NetworkConfig 'version: 2' -ErrorAction Stop
        $drive = [Text.Encoding]::ASCII.GetString([IO.File]::ReadAllBytes((Send-Order $simulator).Vms.Disks[-1].LocalPath))
        $drive | Should -Match '#cloud-config'
        $drive | Should -Match 'hostname.*cloudy'
        $drive | Should -Match 'version: 2'
        $drive | Should -Match "instance-id.*$((Get-VmInstance cloudy).Uuid)"
    }

    It '-WhatIf changes nothing' {
        Get-Content configs/vm_deploy.json | ConvertFrom-Json | New-VmFromTemplate -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
        (Send-Order $simulator).Vms | Should -BeNullOrEmpty
    }

    It 'a call that the host refuses leaves nothing' {
        $null = Send-Order $simulator @{ do = 'fail'; method = 'VM.set_memory_limits'; fault = 'MEMORY_CONSTRAINT_VIOLATION' }
        $made = Get-Content configs/vm_deploy.json | ConvertFrom-Json | New-VmFromTemplate -ErrorVariable failed -ErrorAction SilentlyContinue
        $made | Should -BeNullOrEmpty
        $failed.Count | Should -Be 1
        $failed.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        (Send-Order $simulator).Vms | Should -BeNullOrEmpty
    }
}

Describe 'Stopping' {
    BeforeAll { $null = Connect-Xapi @at @pin }

    AfterAll {
        Clear-Simulator $simulator
        Disconnect-All
    }

    It 'Ctrl+C in the middle of an upload leaves no VM and no VDI' {
        $before = (Send-Order $simulator @{ do = 'rate'; bytesPerSecond = 20000 }).Inventory
        $sent = (Send-Order $simulator).BytesUploaded
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$ModulePath'; Import-VmOva '$Repository/examples/tinyVM.ova' -Session `$args[0]").AddArgument((Get-VmSession)).BeginInvoke()
        Wait-Until { (Send-Order $simulator).BytesUploaded -gt $sent }
        $shell.Stop()
        $shell.Dispose()
        (Send-Order $simulator @{ do = 'clear' }).Inventory | Should -Be $before
    }

    It 'Stop-VmInstance asks for -Force where the guest can not shut down' {
        $other = Start-Simulator @{ mode = 'xenserver' }
        $session = Connect-Simulator $other
        $vm = Import-VmOva tinyVM.ova -Session $session -PowerOn -ErrorAction Stop
        { $vm | Stop-VmInstance -ErrorAction Stop } | Should -Throw -ErrorId 'ToolsNotRunning,VmDeploy.PowerShell.StopVmInstanceCommand'
        (Send-Order $other).Vms.PowerState | Should -Be 'Running'
        "$(($vm | Stop-VmInstance -Force -Confirm:$false).PowerState)" | Should -Be 'Off'
        Disconnect-Xapi $session
        Stop-Simulator $other
    }
}

Describe 'The check of all calls against the official datamodel' -Skip:$noDatamodel {
    It 'finds a call that is not as it should be, at the end' {
        $other = Start-Simulator @{ mode = 'xenserver' }
        $login = '<methodCall><methodName>session.login_with_password</methodName><params>{0}</params></methodCall>'
        $right = '<param><value>root</value></param><param><value>no</value></param>'
        $null = Invoke-RestMethod "http://$($other.Server):$($other.HttpPort)/" -Method Post -Body ($login -f $right)
        $null = Invoke-RestMethod "http://$($other.Server):$($other.HttpPort)/" -Method Post -Body ($login -f '<param><value><int>1</int></value></param>')
        { Stop-Simulator $other } | Should -Throw '1 requests were not as*'
    }
}
