BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    $simulator = Start-Simulator
    $at = @{ Server = $simulator.Server; Credential = $simulator.Credential; Port = $simulator.HttpsPort }
    $pin = @{ CertificateThumbprint = $simulator.Thumbprint }
    $http = @{ Server = $simulator.Server; Credential = $simulator.Credential; Port = $simulator.HttpPort; Protocol = 'http' }
}

AfterAll { Stop-Simulator $simulator }

Describe 'Connect-Esxi' {
    AfterEach { Get-VmSession | Disconnect-Esxi }

    It 'shows a session as a table, a list and JSON, and which one is the default' {
        $first = Connect-Esxi @at @pin
        $first | Format-Table | Out-String -Width 200 | Should -Match 'IsDefault\s+-[\s-]+\d.* True\s+True\s*$'
        $second = Connect-Esxi @http -WarningAction Ignore
        Get-VmSession | ForEach-Object IsDefault | Should -Be $false, $false
        $null = Set-VmSession $second -Default
        Get-VmSession | ForEach-Object IsDefault | Should -Be $false, $true
        $json = $first | ConvertTo-Json
        $json | Should -Not -Match '\{\s*\}'
        ($json | ConvertFrom-Json).Kind | Should -Be 'Esxi'
        $first | Format-List * | Out-String | Should -Not -Match 'VmDeploy\.'
        (Get-VmPlace -Session $first | Select-Object -First 1 | ConvertTo-Json -Depth 1 | ConvertFrom-Json).Kind | Should -Be 'Datacenter'
    }

    It 'opens a session that says what it is connected to' {
        $session = Connect-Esxi $simulator.Server $simulator.Credential -Port $simulator.HttpsPort -CertificateThumbprint $simulator.Thumbprint
        $session.Server | Should -Be $simulator.Server
        $session.UserName | Should -Be $simulator.UserName
        $session.Kind | Should -Be 'Esxi'
        $session.Product | Should -Match 'ESXi'
        $session.IsOpen | Should -BeTrue
        (Get-VmSession).Id | Should -Be $session.Id
        (Send-Order $simulator).OpenSessions | Should -Be 1
    }

    It 'takes the thumbprint with colons' {
        $colons = $simulator.Thumbprint -replace '..(?!$)', '$0:'
        Connect-Esxi @at -CertificateThumbprint $colons | Should -Not -BeNullOrEmpty
    }

    It 'speaks plain http when asked' {
        Connect-Esxi $simulator.Server $simulator.Credential -Port $simulator.HttpPort -Protocol http | Should -Not -BeNullOrEmpty
    }

    It 'warns when the certificate is not checked' {
        $null = Connect-Esxi @at -SkipCertificateCheck -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -Match 'certificate'
    }

    It 'fails with <id> <why>' -ForEach @(
        @{ id = 'CertificateNotTrusted'; category = 'SecurityError'; why = 'when nobody vouches for the certificate'; with = @{} }
        @{ id = 'CertificateThumbprintMismatch'; category = 'SecurityError'; why = 'when the certificate is another one'
            with = @{ CertificateThumbprint = 'AB' * 32 } }
        @{ id = 'CertificateThumbprintInvalid'; category = 'InvalidArgument'; why = 'when the thumbprint is none'
            with = @{ CertificateThumbprint = 'certainly not' } }
        @{ id = 'HostUnreachable'; category = 'ConnectionError'; why = 'when nobody listens'; with = @{ Port = 1 } }
        @{ id = 'LoginFailed'; category = 'AuthenticationError'; why = 'when the password is wrong'
            with = @{ Credential = [pscredential]::new('root', (ConvertTo-SecureString 'wrong' -AsPlainText -Force)); SkipCertificateCheck = $true } }
    ) {
        $arguments = $at.Clone()
        foreach ($key in $with.Keys) { $arguments[$key] = $with[$key] }
        $caught = $null
        try { Connect-Esxi @arguments -WarningAction SilentlyContinue } catch { $caught = $_ }
        $caught.FullyQualifiedErrorId | Should -Be "$id,VmDeploy.PowerShell.ConnectEsxiCommand"
        "$($caught.CategoryInfo.Category)" | Should -Be $category
        $caught.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-VmSession | Should -BeNullOrEmpty
        (Send-Order $simulator).OpenSessions | Should -Be 0
    }

    It 'fails with ServerNameInvalid for <_>' -ForEach 'https://esxi.example.com/ui', 'esxi.example.com:443', 'esxi example' {
        { Connect-Esxi $_ $simulator.Credential } | Should -Throw -ErrorId 'ServerNameInvalid,VmDeploy.PowerShell.ConnectEsxiCommand'
    }

    It 'shows the thumbprint of a certificate that nobody vouches for' {
        { Connect-Esxi @at } | Should -Throw "*$($simulator.Thumbprint)*"
    }

    It 'can be stopped while the host does not answer, and leaves no session' {
        $null = Send-Order $simulator @{ do = 'delay'; method = 'RetrieveServiceContent'; milliseconds = 20000 }
        $state = [initialsessionstate]::CreateDefault2()
        $state.ImportPSModule($ModulePath)
        $shell = [powershell]::Create($state)
        $null = $shell.AddCommand('Connect-Esxi').AddParameters($at).AddParameters($pin).BeginInvoke()
        Wait-Until { $shell.InvocationStateInfo.State -eq 'Running' }
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 10
        $shell.Dispose()
        (Send-Order $simulator @{ do = 'clear' }).OpenSessions | Should -Be 0
    }
}

Describe 'The default session' {
    AfterEach { Get-VmSession | Disconnect-Esxi }

    It 'does not exist before Connect: NoSession ends the pipeline' {
        $caught = $null
        try { 'a', 'b' | Get-VmInstance } catch { $caught = $_ }
        $caught.FullyQualifiedErrorId | Should -Be 'NoSession,VmDeploy.PowerShell.GetVmInstanceCommand'
        $caught.ErrorDetails.RecommendedAction | Should -Match 'Connect-Esxi'
    }

    It 'is the only one' {
        $null = Connect-Esxi @at @pin
        { Get-VmInstance -ErrorAction Stop } | Should -Not -Throw
    }

    It 'is none of several: AmbiguousSession' {
        $first = Connect-Esxi @at @pin
        $null = Connect-Esxi @http
        { Get-VmInstance } | Should -Throw -ErrorId 'AmbiguousSession,VmDeploy.PowerShell.GetVmInstanceCommand'
        { Get-VmInstance -Session $first -ErrorAction Stop } | Should -Not -Throw
        Disconnect-Esxi $first
        { Get-VmInstance -ErrorAction Stop } | Should -Not -Throw
    }

    It 'is not a closed one: SessionClosed' {
        $session = Connect-Esxi @at @pin
        Disconnect-Esxi
        $session.IsOpen | Should -BeFalse
        { Get-VmInstance -Session $session -ErrorAction Stop } | Should -Throw -ErrorId 'SessionClosed,VmDeploy.PowerShell.GetVmInstanceCommand'
    }
}

Describe 'Get-VmSession' {
    AfterEach { Get-VmSession | Disconnect-Esxi }

    It 'finds by number and by server' {
        $first, $second = (Connect-Esxi @at @pin), (Connect-Esxi @http)
        (Get-VmSession).Id | Should -Be $first.Id, $second.Id
        (Get-VmSession -Id $second.Id).Id | Should -Be $second.Id
        (Get-VmSession '127.*').Count | Should -Be 2
        Get-VmSession nowhere | Should -BeNullOrEmpty
    }
}

Describe 'Test-VmSession' {
    AfterEach { Get-VmSession | Disconnect-Esxi }

    It 'reports a living session, and a session that the host has ended is logged in again' {
        $null = Connect-Esxi @at @pin
        $report = Test-VmSession
        $report.IsAlive | Should -BeTrue
        $report.RoundTrip | Should -BeGreaterThan ([timespan]::Zero)
        $null = Send-Order $simulator @{ do = 'expire' }
        (Test-VmSession).IsAlive | Should -BeTrue
    }

    It 'reports a closed session without an error' {
        $session = Connect-Esxi @at @pin
        Disconnect-Esxi
        $report = $session | Test-VmSession -ErrorAction Stop
        $report.IsAlive | Should -BeFalse
        $report.Problem | Should -Not -BeNullOrEmpty
    }
}

Describe 'Logging out' {
    It 'happens with Disconnect-Esxi, piped or not' {
        $null = Connect-Esxi @at @pin
        $null = Connect-Esxi @http
        (Send-Order $simulator).OpenSessions | Should -Be 2
        Get-VmSession | Disconnect-Esxi
        (Send-Order $simulator).OpenSessions | Should -Be 0
    }

    It 'happens when the module is removed' {
        Invoke-Child $simulator "Remove-Module VmDeploy; 'removed'; Read-Host" | Should -Match 'removed'
        (Send-Order $simulator).OpenSessions | Should -Be 0
    }

    It 'happens when PowerShell exits' {
        Invoke-Child $simulator "'connected'" | Should -Match 'connected'
        (Send-Order $simulator).OpenSessions | Should -Be 0
    }
}

Describe 'Other runspaces' {
    BeforeAll { $session = Connect-Esxi @at @pin }
    AfterAll { Get-VmSession | Disconnect-Esxi }

    It 'use a session with $using: in ForEach-Object -Parallel' {
        $reports = 1..4 | ForEach-Object -Parallel {
            Import-Module $using:ModulePath
            Test-VmSession -Session $using:session
        }
        $reports.IsAlive | Should -Be $true, $true, $true, $true
    }

    It 'use a session in a thread job' {
        $job = Start-ThreadJob {
            Import-Module $using:ModulePath
            Test-VmSession -Session $using:session
        }
        ($job | Receive-Job -Wait -AutoRemoveJob).IsAlive | Should -BeTrue
        $session.IsOpen | Should -BeTrue
    }

    It 'have no default session of ours' {
        $id = 1 | ForEach-Object -Parallel {
            Import-Module $using:ModulePath
            try { Get-VmInstance } catch { $_.FullyQualifiedErrorId }
        }
        $id | Should -Be 'NoSession,VmDeploy.PowerShell.GetVmInstanceCommand'
    }
}
