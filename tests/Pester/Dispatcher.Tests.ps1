# The dispatcher between asynchronous work and the pipeline thread, tested with special cmdlets.
BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Probe.ps1"
}

Describe 'Output' {
    It 'takes everything that many threads post, each in its order' {
        $all = Invoke-CrowdProbe -Threads 8 -Each 500
        $all.Count | Should -Be 4000
        foreach ($group in $all | Group-Object Item1) {
            ($group.Group.Item2 -join ',') | Should -Be ((0..499) -join ',')
        }
    }

    It 'comes while the work goes on' {
        Invoke-EndlessProbe | Select-Object -First 3 | Should -Be 1, 2, 3
    }
}

Describe 'A pipeline that stops' {
    BeforeEach { [Probe]::Reset() }

    It 'cancels and awaits the work after Select-Object -First' {
        $null = Invoke-EndlessProbe | Select-Object -First 1
        [Probe]::Cancelled | Should -BeTrue
        [Probe]::CleanedUp | Should -BeTrue
    }

    It 'cancels and awaits the work after a failure downstream' {
        { Invoke-EndlessProbe | ForEach-Object { throw 'downstream' } } | Should -Throw 'downstream'
        [Probe]::CleanedUp | Should -BeTrue
    }

    It 'cancels and awaits the work after -ErrorAction Stop' {
        { Invoke-EndlessProbe -FailEach -ErrorAction Stop } | Should -Throw -ErrorId 'VmNotFound,InvokeEndlessProbeCommand'
        [Probe]::CleanedUp | Should -BeTrue
    }

    It 'cancels and awaits the work after break' {
        foreach ($once in 1) { Invoke-EndlessProbe | ForEach-Object { break } }
        [Probe]::CleanedUp | Should -BeTrue
    }

    It 'cancels and awaits the work after Ctrl+C while it <what>' -ForEach @(
        @{ what = 'writes'; arguments = @{} }
        @{ what = 'fails'; arguments = @{ FailEach = $true } }
        @{ what = 'is silent'; arguments = @{ Silent = $true } }
    ) {
        $shell = New-Shell
        $null = $shell.AddCommand('Invoke-EndlessProbe').AddParameters($arguments)
        $running = $shell.BeginInvoke()
        Wait-Until { [Probe]::Posted -gt 2 -or $shell.Streams.Error.Count -gt 2 }
        $shell.Stop()
        $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        [Probe]::Cancelled | Should -BeTrue
        [Probe]::CleanedUp | Should -BeTrue
        { $shell.EndInvoke($running) } | Should -Throw
        $shell.Dispose()
    }
}

Describe 'Questions' {
    It '-WhatIf answers no, record by record' {
        'a', 'b' | Invoke-QuestionProbe -WhatIf | Should -BeNullOrEmpty
    }

    It 'no -Confirm answers yes' {
        'a', 'b' | Invoke-QuestionProbe | Should -Be 'a', 'b'
    }

    It 'ends the pipeline when the host can not ask' {
        $shell = New-Shell
        $null = $shell.AddScript("'a', 'b' | Invoke-QuestionProbe -Confirm")
        $shell.Invoke() | Should -BeNullOrEmpty
        $shell.Streams.Error.Count | Should -Be 1
        $shell.Streams.Error[0].Exception.Message | Should -Match 'does not support user interaction'
        $shell.Dispose()
    }
}

Describe 'Failures' {
    It 'of one record do not stop the others' {
        $out = 'VmNotFound', 'none', 'ConnectionLost', 'none' | Invoke-FailureProbe -ErrorVariable failures -ErrorAction SilentlyContinue
        $out | Should -Be 'none', 'none'
        $failures.FullyQualifiedErrorId | Should -Be 'VmNotFound,InvokeFailureProbeCommand', 'ConnectionLost,InvokeFailureProbeCommand'
    }

    It 'without a session end the pipeline' {
        $caught = $null
        try { $out = 'none', 'NoSession', 'none' | Invoke-FailureProbe } catch { $caught = $_ }
        $caught.FullyQualifiedErrorId | Should -Be 'NoSession,InvokeFailureProbeCommand'
        $out | Should -BeNullOrEmpty
    }

    It 'that nobody foresaw say so' {
        Invoke-FailureProbe surprise -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -Be 'UnexpectedFailure,InvokeFailureProbeCommand'
        $failure[0].Exception.Message | Should -Be 'This was not foreseen.'
        $failure[0].Exception.InnerException | Should -BeOfType InvalidOperationException
    }

    It 'have the id, category and target of the code, and advice: <_>' -ForEach @(
        # The table is read where the tests are found, before BeforeAll runs.
        . "$PSScriptRoot/Support/Import.ps1"
        [VmDeploy.ErrorCodes]::All.Id
    ) {
        $row = [VmDeploy.ErrorCodes]::All | Where-Object Id -EQ $_
        $failure = $null
        try { Invoke-FailureProbe $_ -ErrorAction Stop } catch { $failure = $_ }
        $failure.FullyQualifiedErrorId | Should -Be "$($row.Id),InvokeFailureProbeCommand"
        "$($failure.CategoryInfo.Category)" | Should -Be "$($row.Kind)"
        $failure.TargetObject | Should -Be 'the target'
        $advice = [VmDeploy.PowerShell.ErrorAdvice]::For($row)
        $failure.ErrorDetails.RecommendedAction | Should -Be $advice
        $advice | Should -Match '\w.*\.$'
        # The text at the prompt has both.
        $shown = ($failure | Out-String) -replace '\e\[[\d;]*m' -replace '[\s|]+', ' '
        $shown | Should -Match ([regex]::Escape("Message of $($row.Id)."))
        $shown | Should -Match ([regex]::Escape(($advice -replace '[\s|]+', ' ')))
    }
}

Describe 'Progress' {
    BeforeAll {
        function Get-ProbeProgress([hashtable]$With) {
            $shell = New-Shell
            $null = $shell.AddCommand('Invoke-ProgressProbe').AddParameters($With)
            $null = $shell.Invoke()
            $shell.Streams.Progress.ReadAll()
            $shell.Dispose()
        }
    }

    It 'shows bytes, rate and time left under the parent, and not every report' {
        [Probe]::Reset()
        $records = Get-ProbeProgress @{}
        $parent, $part = $records | Group-Object ActivityId | Sort-Object { [int]$_.Name }
        $parent.Group[0].Activity | Should -Be 'Importing probe'
        $part.Group.ParentActivityId | Select-Object -Unique | Should -Be $parent.Group[0].ActivityId
        $part.Group[0].StatusDescription | Should -Match '^disk-0.vmdk: [\d.,]+ [KM]?B of 200 MB, 50 MB/s$'
        $part.Group[0].SecondsRemaining | Should -Be 2
        [Probe]::Posted | Should -BeGreaterThan 100
        $part.Count | Should -BeLessOrEqual 8
    }

    It 'is completed at the end, <what>' -ForEach @(
        @{ what = 'when all is well'; with = @{} }
        @{ what = 'when it fails'; with = @{ Fail = $true } }
    ) {
        foreach ($bar in Get-ProbeProgress $with | Group-Object ActivityId) {
            $bar.Group[-1].RecordType | Should -Be 'Completed'
            @($bar.Group | Where-Object RecordType -EQ 'Completed').Count | Should -Be 1
        }
    }

    It 'of two cmdlets never shares an id' {
        $first = (Get-ProbeProgress @{}).ActivityId
        $second = (Get-ProbeProgress @{}).ActivityId
        $second | Where-Object { $_ -in $first } | Should -BeNullOrEmpty
    }
}
