# Common mistakes and their errors: the id and category for scripts, and for the reader a message that names the
# object and, below it, the recommended action.
BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    $tiny = "$Repository/examples/tinyVM.ova"
    $PSStyle.OutputRendering = 'PlainText'

    function Connect-To($Simulator, [hashtable]$With = @{}) {
        $arguments = @{ Server = $Simulator.Server; Credential = $Simulator.Credential; Port = $Simulator.HttpsPort; CertificateThumbprint = $Simulator.Thumbprint }
        foreach ($key in $With.Keys) { if ($null -eq $With[$key]) { $arguments.Remove($key) } else { $arguments[$key] = $With[$key] } }
        if ($Simulator.Kind -eq 'XenServer') { Connect-Xapi @arguments } else { Connect-Esxi @arguments }
    }

    function Assert-Mistake([scriptblock]$Try, [string]$Id, [string]$Category, [string]$Target, [string]$Names, [string]$WayOut) {
        $ErrorActionPreference = 'Stop'
        $caught = $null
        try { & $Try } catch { $caught = $_ }
        $caught | Should -Not -BeNullOrEmpty -Because "$Id is expected"
        $caught.FullyQualifiedErrorId | Should -BeLike "$Id,VmDeploy.PowerShell.*Command" -Because $caught.Exception.Message
        "$($caught.CategoryInfo.Category)" | Should -Be $Category
        "$($caught.TargetObject)" | Should -BeLike $Target
        $caught.Exception.Message | Should -Match $Names
        # What the user sees at the prompt.
        ($caught | Out-String) -replace '\s+', ' ' | Should -Match $WayOut
    }

    $wrong = [pscredential]::new('root', (ConvertTo-SecureString 'wrong' -AsPlainText -Force))
    Push-Location $TestDrive
}

AfterAll { Pop-Location }

Describe 'On a host' {
    BeforeAll {
        $simulator = Start-Simulator
        $null = Connect-Simulator $simulator
        $null = Import-VmOva $tiny -Name there -Datastore datastore1
        $null = New-Item -ItemType Directory "$TestDrive/appliance"
        Set-Content "$TestDrive/notes.ova" 'Not a package at all. '
        [IO.File]::WriteAllBytes("$TestDrive/half.ova", [IO.File]::ReadAllBytes($tiny)[0..5000])
        Set-Content "$TestDrive/job.json" '{ "ovf_path": "missing.ova", "datastore": "datastore1" }'
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It '<what>: <id>' -ForEach @(
        @{ what = 'a file that is not there'; id = 'OvaNotFound'; category = 'ObjectNotFound'; target = '*missing.ova'
            try = { Import-VmOva ./missing.ova }; names = "missing\.ova' not found"; wayOut = 'Check the path' }
        @{ what = 'a job file with a wrong path'; id = 'OvaNotFound'; category = 'ObjectNotFound'; target = '*missing.ova'
            try = { Get-Content job.json | ConvertFrom-Json | Import-VmOva }; names = "missing\.ova' not found"; wayOut = 'Check the path' }
        @{ what = 'a file that is no package'; id = 'OvaNotATar'; category = 'InvalidData'; target = '*notes.ova'
            try = { Import-VmOva ./notes.ova }; names = 'notes\.ova'; wayOut = 'download or export it again' }
        @{ what = 'half a download'; id = 'OvaTruncated'; category = 'InvalidData'; target = '*'
            try = { Import-VmOva ./half.ova -Datastore datastore1 }; names = 'half\.ova'; wayOut = 'copy or download it again' }
        @{ what = 'a folder'; id = 'OvaIsFolder'; category = 'InvalidArgument'; target = '*appliance'
            try = { Import-VmOva ./appliance }; names = 'appliance'' is a folder'; wayOut = 'Name the \.ova, or the \.ovf' }
        @{ what = 'a folder to look into'; id = 'OvaIsFolder'; category = 'InvalidArgument'; target = '*appliance'
            try = { Get-VmOva ./appliance }; names = 'appliance'' is a folder'; wayOut = 'Name the \.ova, or the \.ovf' }
        @{ what = 'a datastore that is not there'; id = 'DatastoreNotFound'; category = 'ObjectNotFound'; target = 'nowhere'
            try = { Import-VmOva $tiny -Datastore nowhere }; names = "'nowhere'.*'datastore1', 'datastore2'"; wayOut = 'names in the message' }
        @{ what = 'no datastore where there are two'; id = 'AmbiguousPlacement'; category = 'InvalidArgument'; target = 'datastore'
            try = { Import-VmOva $tiny }; names = "Available: 'datastore1', 'datastore2'"; wayOut = '-Datastore' }
        @{ what = 'a network that is not there'; id = 'NetworkNotFound'; category = 'ObjectNotFound'; target = 'Moon'
            try = { Import-VmOva $tiny -Datastore datastore1 -NetworkMap Moon }; names = "'Moon'.*'Lab', 'VM Network'"; wayOut = "-Network 'network'" }
        @{ what = 'a network of the package that is not there'; id = 'OvfNetworkUnknown'; category = 'InvalidArgument'; target = '*'
            try = { Import-VmOva $tiny -Datastore datastore1 -NetworkMap @{ 'VM network' = 'Lab' } }; names = 'VM network'; wayOut = 'Get-VmOva' }
        @{ what = 'a host that is not there'; id = 'HostNotFound'; category = 'ObjectNotFound'; target = 'esx9'
            try = { Import-VmOva $tiny -Datastore datastore1 -HostName esx9 }; names = "'esx9'.*'localhost\.localdomain'"; wayOut = 'names in the message' }
        @{ what = 'a name that is taken'; id = 'VmNameExists'; category = 'ResourceExists'; target = 'there'
            try = { Import-VmOva $tiny -Name there -Datastore datastore1 }; names = "'there'"; wayOut = '-ExistingVm' }
        @{ what = 'a VM that is not there'; id = 'VmNotFound'; category = 'ObjectNotFound'; target = 'nobody'
            try = { Start-VmInstance nobody }; names = "'nobody' not found on 127\.0\.0\.1"; wayOut = 'Get-VmInstance lists' }
        @{ what = 'a source that is not there'; id = 'VmNotFound'; category = 'ObjectNotFound'; target = 'nobody'
            try = { New-VmClone -SourceName nobody }; names = "'nobody' not found on 127\.0\.0\.1"; wayOut = 'Get-VmInstance lists' }
        @{ what = 'an ISO that is not there'; id = 'LocalFileNotFound'; category = 'ObjectNotFound'; target = '*none.iso'
            try = { New-VmFromIso ./none.iso -Datastore datastore1 }; names = 'none\.iso'; wayOut = "'\[datastore\] folder/file\.iso'" }
        @{ what = 'a template on a host that has none'; id = 'NotSupportedByHost'; category = 'NotImplemented'; target = 'golden'
            try = { New-VmFromTemplate golden -Datastore datastore1 }; names = '127\.0\.0\.1 .*no templates'; wayOut = 'New-VmClone' }
    ) {
        Assert-Mistake $try $id $category $target $names $wayOut
        (Send-Order $simulator).Vms.Name | Should -Be 'there'
    }
}

Describe 'Records' {
    BeforeAll {
        $simulator = Start-Simulator
        $null = Connect-Simulator $simulator
        $null = Import-VmOva $tiny -Name web1, web2 -Datastore datastore1
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It 'of a CSV file warn once of a misspelt column' {
        Set-Content "$TestDrive/vms.csv" "name,Owner,forse`
web1,me,true`
web2,you,false"
        $null = Import-Csv "$TestDrive/vms.csv" | Stop-VmInstance -WhatIf -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -HaveCount 1
        $warnings | Should -BeLike "*'forse'*-Force must*"
        { Import-Csv "$TestDrive/vms.csv" | Select-Object name, Owner | Stop-VmInstance -StrictKeys -ErrorAction Stop } | Should -Throw -ErrorId 'PipelineValueInvalid*'
    }

    It 'are not what Select-Object and Get-ChildItem emit' {
        Get-VmInstance web* | Select-Object Name, PowerState, @{ n = 'Owner'; e = { 'me' } }, @{ n = 'Forse'; e = { 1 } } | Stop-VmInstance -WhatIf -StrictKeys -ErrorAction Stop -WarningVariable warnings
        Get-VmDisk web1 | Select-Object * | Set-VmDisk -SizeGB 1 -WhatIf -StrictKeys -ErrorAction Stop -WarningVariable +warnings
        Get-ChildItem $tiny | Select-Object * | Get-VmOva -StrictKeys -ErrorAction Stop -WarningVariable +warnings | Should -HaveCount 1
        Get-ChildItem "$Repository/examples/*.iso" | Select-Object * | Send-VmDatastoreFile -Datastore datastore1 -WhatIf -StrictKeys -ErrorAction Stop -WarningVariable +warnings
        $warnings | Should -BeNullOrEmpty
    }

    It 'as hashtables are refused' {
        { '{ "name": "web1" }' | ConvertFrom-Json -AsHashtable | Stop-VmInstance -ErrorAction Stop } | Should -Throw '*omit -AsHashtable*'
    }
}

Describe 'Connecting' {
    BeforeAll {
        $simulators = @{ esxi = Start-Simulator; xenserver = Start-Simulator @{ mode = 'xenserver' } }
    }

    AfterAll { $simulators.Values | ForEach-Object { Stop-Simulator $_ } }

    Describe 'to <mode> with <what>' -ForEach @(
        foreach ($mode in 'esxi', 'xenserver') {
            @{ mode = $mode; what = 'a wrong password'; id = 'LoginFailed'; category = 'AuthenticationError'; target = 'root'
                with = { @{ Credential = $wrong } }; names = '127\.0\.0\.1:\d+ .*''root'''; wayOut = 'Check user name and password' }
            @{ mode = $mode; what = 'https on a port that speaks http'; id = 'TlsFailed'; category = 'ProtocolError'; target = '127.0.0.1:*'
                with = { @{ Port = $simulator.HttpPort } }; names = '127\.0\.0\.1:\d+ '; wayOut = '-Port.*-Protocol http' }
            @{ mode = $mode; what = 'http on a port that speaks https'; id = 'ConnectionLost'; category = 'ConnectionError'; target = '127.0.0.1:*'
                with = { @{ Protocol = 'http' } }; names = '127\.0\.0\.1:\d+ '; wayOut = 'omit -Protocol http' }
            @{ mode = $mode; what = 'a port that nobody listens on'; id = 'HostUnreachable'; category = 'ConnectionError'; target = '127.0.0.1:1'
                with = { @{ Port = 1 } }; names = '127\.0\.0\.1:1 '; wayOut = 'Check the server name, the port and the network' }
            @{ mode = $mode; what = 'a name that nobody has'; id = 'HostUnreachable'; category = 'ConnectionError'; target = 'no-such-host.invalid*'
                with = { @{ Server = 'no-such-host.invalid' } }; names = 'no-such-host\.invalid'; wayOut = 'Check the server name' }
            @{ mode = $mode; what = 'a certificate that nobody vouches for'; id = 'CertificateNotTrusted'; category = 'SecurityError'; target = '127.0.0.1:*'
                with = { @{ CertificateThumbprint = $null } }; names = '[0-9A-F]{64}'; wayOut = '-CertificateThumbprint' }
            @{ mode = $mode; what = 'the thumbprint of another certificate'; id = 'CertificateThumbprintMismatch'; category = 'SecurityError'; target = '127.0.0.1:*'
                with = { @{ CertificateThumbprint = 'AB' * 20 } }; names = 'ABAB[0-9A-F]* is expected'; wayOut = 'renewed' }
            @{ mode = $mode; what = 'a URL'; id = 'ServerNameInvalid'; category = 'InvalidArgument'; target = 'https://esxi.example.com'
                with = { @{ Server = 'https://esxi.example.com' } }; names = 'https://esxi\.example\.com'; wayOut = 'Give only the name' }
        }
        @{ mode = 'xenserver'; what = 'the cmdlet for ESXi'; id = 'NotAHypervisor'; category = 'ProtocolError'; target = '127.0.0.1:*'; cmdlet = 'Connect-Esxi'
            with = { @{} }; names = '127\.0\.0\.1:\d+ '; wayOut = 'Connect-Xapi a XenServer' }
        @{ mode = 'esxi'; what = 'the cmdlet for XenServer'; id = 'NotAHypervisor'; category = 'ProtocolError'; target = '127.0.0.1:*'; cmdlet = 'Connect-Xapi'
            with = { @{} }; names = '127\.0\.0\.1:\d+ '; wayOut = 'Connect-Esxi needs an ESXi host' }
    ) {
        It 'is <id>' {
            $simulator = $simulators[$mode].PSObject.Copy()
            if ($cmdlet) { $simulator.Kind = if ($cmdlet -eq 'Connect-Xapi') { 'XenServer' } else { 'Esxi' } }
            Assert-Mistake { Connect-To $simulator (& $with) } $id $category $target $names $wayOut
            Get-VmSession | Should -BeNullOrEmpty
            (Send-Order $simulators[$mode]).OpenSessions | Should -Be 0
        }
    }
}

Describe 'Sessions' {
    BeforeAll { $simulator = Start-Simulator }
    BeforeEach { Disconnect-All }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It 'none is open: NoSession' {
        Assert-Mistake { Import-VmOva $tiny } NoSession InvalidOperation '' 'No session is open' 'Connect-Esxi or Connect-Xapi'
    }

    It 'two are open: AmbiguousSession' {
        $first, $second = (Connect-Simulator $simulator), (Connect-Esxi $simulator.Server $simulator.Credential -Port $simulator.HttpPort -Protocol http)
        Assert-Mistake { Import-VmOva $tiny } AmbiguousSession InvalidArgument "*$($first.Id): *$($second.Id): *" "2 sessions.*$($first.Id): root@127" '-Session, or choose a default.*Get-VmSession lists'
    }

    It 'it is closed: SessionClosed' {
        $session = Connect-Simulator $simulator
        $vm = Import-VmOva $tiny -Datastore datastore1
        Disconnect-Esxi
        Assert-Mistake { $vm | Start-VmInstance } SessionClosed InvalidOperation "$session" 'root@127.*closed' 'Connect again'
    }
}

Describe 'On a XenServer' {
    BeforeAll {
        $simulator = Start-Simulator @{ mode = 'xenserver'; vms = 1 }
        $null = Connect-Simulator $simulator
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It '<what>: <id>' -ForEach @(
        @{ what = 'a template that is not there'; id = 'TemplateNotFound'; category = 'ObjectNotFound'; target = 'golden'
            try = { New-VmFromTemplate golden }; names = "'golden'.*alpine-template"; wayOut = 'Get-VmTemplate' }
        @{ what = 'a repository that is not there'; id = 'StorageNotFound'; category = 'ObjectNotFound'; target = 'nowhere'
            try = { Import-VmOva $tiny -Datastore nowhere }; names = "'nowhere'.*'Local storage'"; wayOut = 'names in the message' }
        @{ what = 'a network that is not there'; id = 'NetworkNotFound'; category = 'ObjectNotFound'; target = 'Moon'
            try = { New-VmFromTemplate alpine-template -Name x -Network Moon }; names = "'Moon'.*eth0"; wayOut = 'names in the message' }
        @{ what = 'a VM that is not there'; id = 'VmNotFound'; category = 'ObjectNotFound'; target = 'nobody'
            try = { Start-VmInstance nobody }; names = "'nobody'"; wayOut = 'Get-VmInstance lists' }
        @{ what = 'a name that is taken'; id = 'VmNameExists'; category = 'ResourceExists'; target = 'vm-00001'
            try = { New-VmFromTemplate alpine-template -Name vm-00001 }; names = "'vm-00001'"; wayOut = '-ExistingVm' }
    ) {
        $before = (Send-Order $simulator).Inventory
        Assert-Mistake $try $id $category $target $names $wayOut
        (Send-Order $simulator).Inventory | Should -Be $before
    }
}

Describe 'Errors, as PowerShell users handle them' {
    BeforeAll {
        $simulator = Start-Simulator @{ vms = 2 }
        $null = Connect-Simulator $simulator
        Copy-Item -LiteralPath $tiny "$TestDrive/a.ova"
        Copy-Item -LiteralPath $tiny "$TestDrive/c.ova"
        Set-Content "$TestDrive/b.ova" 'no package'
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It 'end it where $ErrorActionPreference says so' {
        { $ErrorActionPreference = 'Stop'; Get-VmInstance nobody; 'reached' } | Should -Throw -ErrorId 'VmNotFound,*'
    }

    It 'leave no trace with -ErrorAction Ignore' {
        $before = $Error.Count
        Get-VmInstance nobody -ErrorAction Ignore | Should -BeNullOrEmpty
        $Error.Count | Should -Be $before
    }

    It 'of one record in the middle do not stop the others: <what>' -ForEach @(
        @{ what = 'Get-VmInstance'; id = 'VmNotFound'; run = { 'vm-00001', 'nobody', 'vm-00002' | Get-VmInstance }; gives = 'vm-00001', 'vm-00002' }
        @{ what = 'Get-VmOva'; id = 'OvaNotATar'; run = { Get-ChildItem *.ova | Get-VmOva | ForEach-Object { Split-Path $_.Path -Leaf } }; gives = 'a.ova', 'c.ova' }
        @{ what = 'Import-VmOva'; id = 'OvaNotATar'; gives = 'a1', 'c1'
            run = { 'a', 'b', 'c' | ForEach-Object { [pscustomobject]@{ ovf_path = "$_.ova"; vm_name_prefix = $_; num_instances = 1; datastore = 'datastore1' } } | Import-VmOva } }
        @{ what = 'New-VmClone'; id = 'VmNotFound'; gives = 'x1', 'x3'
            run = { @(@{ source = 'a1'; name = 'x1' }, @{ source = 'nobody'; name = 'x2' }, @{ source = 'c1'; name = 'x3' }) | ForEach-Object { [pscustomobject]$_ } | New-VmClone } }
        @{ what = 'New-VmFromIso'; id = 'HostFileNotFound'; gives = 'i1', 'i3'
            run = {
                $null = Send-VmDatastoreFile a.ova -Datastore datastore1 -Destination tiny.iso
                1, 2, 3 | ForEach-Object { [pscustomobject]@{ iso_path = "[datastore1] $(if ($_ -eq 2) { 'none' } else { 'tiny' }).iso"; name = "i$_"; datastore = 'datastore1' } } | New-VmFromIso
            } }
        @{ what = 'Send-VmDatastoreFile'; id = 'LocalFileNotFound'; gives = 'a.ova', 'c.ova'
            run = { 'a', 'none', 'c' | ForEach-Object { [pscustomobject]@{ FullName = "$_.ova"; datastore = 'datastore1' } } | Send-VmDatastoreFile | ForEach-Object { Split-Path $_.Path.Split(' ')[1] -Leaf } } }
        @{ what = 'Start-VmInstance'; id = 'VmNotFound'; run = { 'a1', 'nobody', 'c1' | Start-VmInstance }; gives = 'a1', 'c1' }
        @{ what = 'Add-VmCdrom'; id = 'VmNotFound'; run = { 'x1', 'nobody', 'x3' | Add-VmCdrom }; gives = 'x1', 'x3' }
        @{ what = 'Remove-VmInstance'; id = 'VmNotFound'; run = { 'x1', 'nobody', 'x3' | Remove-VmInstance -Confirm:$false; 'done' }; gives = 'done' }
    ) {
        $PSDefaultParameterValues['*-Vm*:ErrorAction'] = 'SilentlyContinue'
        $PSDefaultParameterValues['*-Vm*:ErrorVariable'] = '+failed'
        $failed = @()
        $given = . $run
        ($given | ForEach-Object { if ($_ -is [string]) { $_ } else { $_.Name } }) | Should -Be $gives
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike "$id,*"
    }
}
