BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    $tiny = "$Repository/examples/tinyVM.ova"

    function Get-Target($Simulator) {
        @{ Server = $Simulator.Server; Port = $Simulator.HttpsPort; CertificateThumbprint = $Simulator.Thumbprint }
    }

    function Read-Log([string]$File) { Get-Content -LiteralPath $File | ConvertFrom-Json }
}

Describe 'The log of a session on <mode>' -ForEach @(@{ mode = 'esxi' }, @{ mode = 'vcenter' }, @{ mode = 'xenserver' }) {
    BeforeAll {
        $simulator = Start-Simulator @{ mode = $mode; tools = $true }
        $at = Get-Target $simulator
        $connect = if ($mode -eq 'xenserver') { 'Connect-Xapi' } else { 'Connect-Esxi' }
        $place = switch ($mode) {
            'esxi' { @{ Datastore = 'datastore1' } }
            'vcenter' { @{ Datastore = 'datastore1'; HostName = 'localhost.localdomain' } }
            'xenserver' { @{ Datastore = 'Local storage'; NetworkMap = 'Pool-wide network associated with eth0' } }
        }
        $secrets = [Collections.Generic.List[string]]@($simulator.Password)
        $nowhere = $place + @{}
        $nowhere.Datastore = 'nowhere'
        $log = Join-Path $TestDrive "log [$mode].jsonl"

        # Everything that a user could see: all streams, the errors with all their properties, and the objects.
        $wrong = [pscredential]::new($simulator.UserName, (ConvertTo-SecureString 'Wr0ng-Passw0rd' -AsPlainText -Force))
        $said = & {
            $ErrorActionPreference = 'Continue'
            $VerbosePreference = $DebugPreference = 'Continue'
            try { & $connect @at -Credential $wrong -LogPath $log } catch { $_ }
            & $connect @at -Credential $simulator.Credential -LogPath $log
            $secrets.AddRange([string[]](Send-Order $simulator).SessionSecrets)
            $null = Send-Order $simulator @{ do = 'expire' }
            $vm = Import-VmOva $tiny -Name logged @place
            $secrets.AddRange([string[]](Send-Order $simulator).SessionSecrets)
            $vm | Start-VmInstance | Wait-VmInstance -TimeoutSec 30
            Get-VmDatastore
            Import-VmOva $tiny -Name other @nowhere
            'logged', 'nobody' | Stop-VmInstance -Force -Confirm:$false
            Get-VmOva "$TestDrive/none.ova" -ErrorAction SilentlyContinue
            try { Import-VmOva $tiny -Name logged @place -ErrorAction Stop } catch { $_ }
            Get-VmInstance logged | Remove-VmInstance -Confirm:$false
            Get-VmSession
            Disconnect-All
        } *>&1
        $seen = $said | ForEach-Object {
            $_ | Out-String
            $_ | Format-List * -Force | Out-String
            if ($_ -is [Management.Automation.ErrorRecord]) {
                $_.Exception.ToString()
                Get-Error -InputObject $_ | Out-String
            }
        }
        $seen = $seen -join "`n"
        $lines = Read-Log $log
    }

    AfterAll { Stop-Simulator $simulator }

    It 'and all streams hold no password, no cookie and no session id' {
        $secrets.Count | Should -BeGreaterOrEqual 5 -Because 'there were two sessions of two secrets each'
        $text = Get-Content -LiteralPath $log -Raw
        foreach ($secret in $secrets + 'Wr0ng-Passw0rd') {
            $pattern = [regex]::Escape($secret)
            $seen | Should -Not -Match $pattern
            $text | Should -Not -Match $pattern
        }
    }

    It 'tells what happened' {
        $lines.event | Should -Contain 'LoggedIn'
        $lines.event | Should -Contain 'LoggedOut'
        $lines.level | Should -Contain 'Debug'
        foreach ($line in $lines) { [datetime]$line.time | Should -BeGreaterThan ([datetime]::UtcNow.AddHours(-1)) }
    }

    It 'has each error of each cmdlet, with id, message and target, in order' {
        $errors = @($lines | Where-Object level -EQ 'Error' | Where-Object event -EQ 'ErrorRecord')
        $store = if ($mode -eq 'xenserver') { 'StorageNotFound' } else { 'DatastoreNotFound' }
        $errors.id | Should -Be 'LoginFailed', $store, 'VmNotFound', 'OvaNotFound', 'VmNameExists'
        $errors.category | Should -Be $connect, 'Import-VmOva', 'Stop-VmInstance', 'Get-VmOva', 'Import-VmOva'
        $errors.target | Should -Be $simulator.UserName, 'nowhere', 'nobody', (Join-Path $TestDrive 'none.ova'), 'logged'
        $errors[2].message | Should -Match "'nobody'"
        $errors[2].errorCategory | Should -Be 'ObjectNotFound'
    }
}

Describe 'A log' {
    BeforeAll {
        $simulator = Start-Simulator
        $at = Get-Target $simulator
        $log = Join-Path $TestDrive 'a log.jsonl'
    }

    AfterEach {
        Disconnect-All
        Remove-Item $log -ErrorAction Ignore
    }

    AfterAll { Stop-Simulator $simulator }

    It 'has warnings' {
        $null = Connect-Esxi $at.Server $simulator.Credential -Port $at.Port -SkipCertificateCheck -LogPath $log -WarningAction SilentlyContinue
        $warning = Read-Log $log | Where-Object level -EQ 'Warning'
        $warning.category | Should -Be 'Connect-Esxi'
        $warning.message | Should -Match 'certificate'
    }

    It 'has why a connection failed: <id>' -ForEach @(
        @{ id = 'HostUnreachable'; with = @{ Port = 1 } }
        @{ id = 'ServerNameInvalid'; with = @{ Server = 'https://esxi' } }
        @{ id = 'CertificateThumbprintMismatch'; with = @{ CertificateThumbprint = 'AB' * 32 } }
    ) {
        $arguments = $at + @{}
        foreach ($key in $with.Keys) { $arguments[$key] = $with[$key] }
        { Connect-Esxi @arguments -Credential $simulator.Credential -LogPath $log } | Should -Throw
        @(Read-Log $log).id | Should -Contain $id
    }

    It 'that can not be written is said before anything is sent' {
        { Connect-Esxi @at -Credential $simulator.Credential -LogPath (Join-Path $TestDrive 'no/such/folder.log') } |
            Should -Throw -ErrorId 'LogNotWritable,VmDeploy.PowerShell.ConnectEsxiCommand'
        (Send-Order $simulator).OpenSessions | Should -Be 0
    }

    It 'gets the errors of its own session only, and those of no session in particular' {
        $other = Join-Path $TestDrive 'other.jsonl'
        $first = Connect-Esxi @at -Credential $simulator.Credential -LogPath $log
        $second = Connect-Esxi $simulator.Server $simulator.Credential -Port $simulator.HttpPort -Protocol http -LogPath $other
        Get-VmInstance nobody1 -Session $first -ErrorAction SilentlyContinue
        Get-VmInstance nobody2 -Session $second -ErrorAction SilentlyContinue
        try { Get-VmInstance } catch { $_.FullyQualifiedErrorId | Should -BeLike 'AmbiguousSession,*' }
        (Read-Log $log | Where-Object level -EQ 'Error').id | Should -Be 'VmNotFound', 'AmbiguousSession'
        (Read-Log $other | Where-Object level -EQ 'Error').id | Should -Be 'VmNotFound', 'AmbiguousSession'
        (Read-Log $log | Where-Object id -EQ 'VmNotFound').target | Should -Be 'nobody1'
    }

    It 'gets what other runspaces do with the session' {
        $session = Connect-Esxi @at -Credential $simulator.Credential -LogPath $log
        1..4 | ForEach-Object -Parallel {
            Import-Module $using:ModulePath
            Get-VmInstance "nobody$_" -Session $using:session -ErrorAction SilentlyContinue
        }
        (Read-Log $log | Where-Object id -EQ 'VmNotFound').target | Sort-Object | Should -Be 'nobody1', 'nobody2', 'nobody3', 'nobody4'
    }

    It 'keeps one object a line whatever a name holds' {
        $null = Connect-Esxi @at -Credential $simulator.Credential -LogPath $log
        $name = "two`nlines `"quoted`" `u{1}`u{1F600}ü"
        Get-VmInstance $name -ErrorAction SilentlyContinue
        (Read-Log $log | Where-Object id -EQ 'VmNotFound').target | Should -BeExactly $name.Replace("`u{1}", '\u0001')
    }
}

Describe 'A log that two processes write at a time' {
    It 'has every line whole' {
        $log = Join-Path $TestDrive 'shared.jsonl'
        $write = {
            param($Module, $Log, $Who)
            Import-Module $Module
            $type = [VmDeploy.PowerShell.AsyncCmdlet].Assembly.GetType('VmDeploy.PowerShell.JsonLines')
            foreach ($number in 1..1500) { $type::Write($Log, 'Information', $Who, "line$number", 'text', { }) }
        }
        $jobs = 'one', 'two' | ForEach-Object { Start-Job $write -ArgumentList $ModulePath, $log, $_ }
        $jobs | Receive-Job -Wait -AutoRemoveJob -ErrorAction Stop
        $lines = Read-Log $log
        $lines | Group-Object category | ForEach-Object Count | Should -Be 1500, 1500
        $lines | ForEach-Object event | Select-Object -Unique | Should -HaveCount 1500
    }
}
