BeforeDiscovery {
    $analyzer = Get-Module PSScriptAnalyzer -ListAvailable
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $shipped = @(Get-ChildItem $root -Filter *.ps1 -File)
    if (Test-Path "$root/examples") { $shipped += Get-ChildItem "$root/examples" -Recurse -Filter *.ps1 | Where-Object FullName -NotMatch '[\\/](bin|obj)[\\/]' }
    $tests = Get-ChildItem "$root/tests" -Recurse -Filter *.ps1
    # What the workflow runs there.
    $desktop = Get-Item "$PSScriptRoot/run.ps1", "$PSScriptRoot/Desktop.Tests.ps1", "$PSScriptRoot/Support/Import.ps1", "$PSScriptRoot/Support/Simulator.ps1"
}

Describe 'PSScriptAnalyzer' -Skip:(-not $analyzer) {
    It 'finds nothing in <_.Name>' -ForEach $shipped {
        $findings = Invoke-ScriptAnalyzer $_.FullName -Severity Error, Warning
        ($findings | ForEach-Object { "$($_.Line): $($_.RuleName) $($_.Message)" }) -join "`n" | Should -BeNullOrEmpty
    }

    It 'finds nothing in <_.Name> that Windows PowerShell 5.1 can not read' -ForEach ($shipped + $desktop) {
        $rules = @{ IncludeRules = @('PSUseCompatibleSyntax'); Rules = @{ PSUseCompatibleSyntax = @{ Enable = $true; TargetVersions = @('5.1') } } }
        $findings = Invoke-ScriptAnalyzer $_.FullName -Settings $rules
        ($findings | ForEach-Object { "$($_.Line): $($_.Message)" }) -join "`n" | Should -BeNullOrEmpty
    }

    It 'finds nothing in the test script <_.Name>' -ForEach $tests {
        $findings = Invoke-ScriptAnalyzer $_.FullName -Settings "$PSScriptRoot/PSScriptAnalyzerSettings.psd1"
        ($findings | ForEach-Object { "$($_.Line): $($_.RuleName) $($_.Message)" }) -join "`n" | Should -BeNullOrEmpty
    }
}
