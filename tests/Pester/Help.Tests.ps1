# The help as PowerShell shows it, against the cmdlets as they are; its examples are run.
BeforeDiscovery {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/HelpExamples.ps1"
    $cmdlets = (Get-Command -Module VmDeploy).Name
    $examples = $cmdlets | ForEach-Object { Get-HelpExample $_ }
    $topics = (Get-ChildItem "$Repository/en-US/about_*.help.txt").Name -replace '\.help\.txt$'
    $topicExamples = $topics | ForEach-Object { Get-TopicExample $_ }
}

BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    . "$PSScriptRoot/Support/Packages.ps1"
    . "$PSScriptRoot/Support/HelpExamples.ps1"

    # Parameters that users see: neither common ones nor hidden ones.
    $common = [Management.Automation.PSCmdlet]::CommonParameters
    function Get-Visible([string]$Command) {
        (Get-Command $Command).Parameters.Values | Where-Object {
            $_.Name -notin $common -and -not ($_.Attributes | Where-Object { $_ -is [Parameter] -and $_.DontShow })
        }
    }

    # Paragraphs as one text; empty where the help has none.
    function Get-Text($Description) { (@($Description).Text -join "`n").Trim() }

    # PowerShell's data about a parameter in a set, in the form of the help.
    function Get-Binding($Attribute) {
        $ways = @(if ($Attribute.ValueFromPipeline) { 'ByValue' }; if ($Attribute.ValueFromPipelineByPropertyName) { 'ByPropertyName' })
        [pscustomobject]@{
            Required = "$([bool]($Attribute.Mandatory -or $Attribute.IsMandatory))".ToLower()
            Position = if ($Attribute.Position -eq [int]::MinValue) { 'named' } else { "$($Attribute.Position)" }
            Pipeline = if ($ways) { "True ($($ways -join ', '))" } else { 'False' }
        }
    }

    function Get-TypeName([type]$Type) {
        $inner = [Nullable]::GetUnderlyingType($Type)
        if ($inner) { $inner.Name } else { $Type.Name }
    }
}

Describe 'The surface' {
    It 'is the one that was designed' {
        $designed = 'Add-VmCdrom', 'Add-VmDisk', 'Add-VmNetworkAdapter', 'Connect-Esxi', 'Connect-Xapi', 'ConvertFrom-VmTemplate', 'ConvertTo-VmTemplate',
            'Copy-VmInstance', 'Disconnect-Esxi', 'Disconnect-Xapi', 'Export-VmDeployment', 'Export-VmOva', 'Get-VmCdrom', 'Get-VmDatastore',
            'Get-VmDatastoreFile', 'Get-VmDisk', 'Get-VmHypervisor', 'Get-VmInstance', 'Get-VmNetwork', 'Get-VmNetworkAdapter', 'Get-VmOva', 'Get-VmPlace',
            'Get-VmQuestion', 'Get-VmScreenshot', 'Get-VmSession', 'Get-VmSnapshot', 'Get-VmTemplate', 'Import-VmOva', 'Invoke-VmDeployment', 'New-VmClone',
            'New-VmFromIso', 'New-VmFromTemplate', 'New-VmSnapshot', 'Receive-VmDatastoreFile', 'Remove-VmCdrom', 'Remove-VmDatastoreFile', 'Remove-VmDeployment',
            'Remove-VmDisk', 'Remove-VmInstance', 'Remove-VmNetworkAdapter', 'Remove-VmSnapshot', 'Restart-VmInstance', 'Restore-VmSnapshot', 'Resume-VmInstance',
            'Send-VmDatastoreFile', 'Set-VmCdrom', 'Set-VmDisk', 'Set-VmInstance', 'Set-VmNetworkAdapter', 'Set-VmQuestion', 'Set-VmSession', 'Start-VmInstance',
            'Stop-VmInstance', 'Suspend-VmInstance', 'Test-VmDeployment', 'Test-VmSession', 'Wait-VmInstance'
        (Get-Command -Module VmDeploy).Name | Sort-Object | Should -Be ($designed | Sort-Object)
    }
}

Describe 'Help of <_>' -ForEach $cmdlets {
    BeforeAll {
        $command = Get-Command $_
        $help = Get-Help $_ -Full
        $parameters = Get-Visible $_
    }

    It 'has a synopsis, a description, notes and links' {
        $help.Synopsis.Trim() | Should -BeLike '*?.' -Because 'a cmdlet without help shows its syntax there'
        Get-Text $help.description | Should -Not -BeNullOrEmpty
        Get-Text $help.alertSet.alert | Should -Not -BeNullOrEmpty
        $links = @($help.relatedLinks.navigationLink.linkText)
        $links | Should -Not -BeNullOrEmpty
        foreach ($link in $links) {
            Get-Help $link -ErrorAction Stop | Should -Not -BeNullOrEmpty -Because "$link is a link"
        }
    }

    It 'names the types that the cmdlet emits and takes from the pipeline' {
        $outputs = @($command.OutputType.Type.FullName)
        if (-not $outputs) { $outputs = 'None' }
        @($help.returnValues.returnValue.type.name) | Should -Be $outputs
        # A cmdlet that takes objects for their properties names the kinds of object itself.
        $taken = $parameters | Where-Object { $_.Attributes.ValueFromPipeline -contains $true } | ForEach-Object {
            if ($_.ParameterType.IsArray) { $_.ParameterType.GetElementType().FullName } else { $_.ParameterType.FullName }
        }
        $stands = @{ 'VmDeploy.PowerShell.VmOrName' = 'VmDeploy.Vm', 'System.String'; 'VmDeploy.PowerShell.CdromOrVm' = 'VmDeploy.VmCdrom', 'VmDeploy.Vm', 'System.String'
            'VmDeploy.PowerShell.DiskOrVm' = 'VmDeploy.VmDisk', 'VmDeploy.Vm', 'System.String'; 'VmDeploy.PowerShell.NetworkAdapterOrVm' = 'VmDeploy.VmNetworkAdapter', 'VmDeploy.Vm', 'System.String' }
        $taken = $taken | ForEach-Object { if ($stands.ContainsKey($_)) { $stands[$_] } else { $_ } }
        $inputs = @($help.inputTypes.inputType.type.name)
        $taken | Where-Object { $_ -notin $inputs } | Should -BeNullOrEmpty
        $inputs | Should -Not -BeNullOrEmpty
        @($help.inputTypes.inputType) + $help.returnValues.returnValue | ForEach-Object { Get-Text $_.description | Should -Not -BeNullOrEmpty }
    }

    It 'has the parameters of the cmdlet, each with a text' {
        $help.parameters.parameter.name | Sort-Object | Should -Be ($parameters.Name | Sort-Object)
        $shown = Get-Help $command.Name -Parameter *
        $shown.name | Sort-Object | Should -Be ($parameters.Name | Sort-Object)
        foreach ($one in $shown) {
            (Get-Text $one.description).Length | Should -BeGreaterThan 20 -Because "-$($one.name) needs a text"
        }
        Get-Help $command.Name -Parameter $shown[0].name | Should -Not -BeNullOrEmpty
    }

    It 'says of each parameter what PowerShell knows of it' {
        $default = New-Object $command.ImplementingType
        foreach ($parameter in $parameters) {
            $shown = $help.parameters.parameter | Where-Object name -eq $parameter.Name
            $because = "-$($parameter.Name) is so"
            # Where the sets differ, the default one is shown.
            $bindings = @($parameter.Attributes | Where-Object { $_ -is [Parameter] })
            $binding = Get-Binding @(@($bindings | Where-Object ParameterSetName -in $command.DefaultParameterSet, '__AllParameterSets') + $bindings)[0]
            $shown.required | Should -Be $binding.Required -Because $because
            $shown.position | Should -Be $binding.Position -Because $because
            $shown.pipelineInput | Should -Be $binding.Pipeline -Because $because
            $shown.type.name | Should -Be (Get-TypeName $parameter.ParameterType) -Because $because
            $aliases = if ($parameter.Aliases) { $parameter.Aliases -join ', ' } else { 'none' }
            $shown.aliases | Should -Be $aliases -Because $because
            $shown.globbing | Should -Be "$($null -ne ($parameter.Attributes | Where-Object { $_ -is [SupportsWildcards] }))".ToLower() -Because $because
            if ($parameter.Name -in 'WhatIf', 'Confirm') { continue }
            $value = $default.($parameter.Name)
            $text = if ($value -is [switch]) { 'False' } elseif ($value -is [array]) { $value -join ', ' } elseif ($value -is [pscredential]) { '' } else { "$value" }
            $shown.defaultValue | Should -Be $(if ($text) { $text } else { 'None' }) -Because $because
        }
    }

    It 'shows the parameter sets of the cmdlet' {
        $items = @($help.syntax.syntaxItem)
        $sets = @($command.ParameterSets | Sort-Object { -not $_.IsDefault })
        $items.Count | Should -Be $sets.Count
        $seen = foreach ($set in $sets) {
            $mine = $set.Parameters | Where-Object { $_.Name -in $parameters.Name } | ForEach-Object {
                $binding = Get-Binding $_
                "$($_.Name) $($binding.Required) $($binding.Position) $($binding.Pipeline)"
            }
            ($mine | Sort-Object) -join '; '
        }
        $shown = foreach ($item in $items) { ($item.parameter | ForEach-Object { "$($_.name) $($_.required) $($_.position) $($_.pipelineInput)" } | Sort-Object) -join '; ' }
        $shown | Sort-Object | Should -Be ($seen | Sort-Object)
        $shown | Select-Object -First 1 | Should -Be ($seen | Select-Object -First 1) -Because 'the default set comes first'
    }

    It 'has at least two examples, whose code fits on the screen' {
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
        @($help.examples.example).Count | Should -Be @(Get-HelpExample $command.Name).Count
        (Get-HelpExample $command.Name).Code -split "`n" | Where-Object Length -GT 76 | Should -BeNullOrEmpty
    }

    It 'is shown with -Examples, -Detailed and -Full' {
        foreach ($view in 'Examples', 'Detailed', 'Full') {
            $asked = @{ $view = $true }
            Get-Help $command.Name @asked | Out-String -Width 80 | Should -BeLike '*Example 2*'
        }
    }
}

Describe 'Examples of the help' {
    BeforeAll {
        $ran = @{}
        $all = @((Get-Command -Module VmDeploy).Name | ForEach-Object { Get-HelpExample $_ })
        $all += (Get-ChildItem "$Repository/en-US/about_*.help.txt").Name -replace '\.help\.txt$' | ForEach-Object { Get-TopicExample $_ }
        foreach ($mode in $all | Group-Object Mode) {
            Invoke-HelpExample $mode.Group $TestDrive | ForEach-Object { $ran[$_.Name] = $_ }
        }
    }

    It 'work, and print what the help shows: <_.Name>' -ForEach $examples {
        $ran[$_.Name].Failure | Should -BeNullOrEmpty
        Format-HelpOutput $ran[$_.Name].Seen | Should -BeExactly (Format-HelpOutput $_.Output)
    }

    It 'work in the topics: <_.Name>' -ForEach $topicExamples {
        $ran[$_.Name].Failure | Should -BeNullOrEmpty
    }
}

Describe 'The topic <_>' -ForEach $topics {
    It 'is shown by Get-Help, and fits on the screen' {
        $text = Get-Help $_ -ErrorAction Stop | Out-String -Width 200
        $text | Should -BeLike "*TOPIC*$_*"
        $text -split "`n" | Where-Object { $_.TrimEnd().Length -gt 80 } | Should -BeNullOrEmpty
        Get-TopicExample $_ | Should -Not -BeNullOrEmpty
    }
}

Describe 'about_VmDeploy_Errors' {
    It 'has every error with its category and what to do' {
        $text = (Get-Help about_VmDeploy_Errors | Out-String -Width 200) -replace '\s+', ' '
        [VmDeploy.ErrorCodes]::All.Count | Should -BeGreaterThan 50
        foreach ($code in [VmDeploy.ErrorCodes]::All) {
            $text | Should -BeLike "* $($code.Id) $($code.Kind) * $([WildcardPattern]::Escape([VmDeploy.PowerShell.ErrorAdvice]::For($code))) *"
        }
    }
}

Describe 'about_VmDeploy_Json' {
    It 'has every key of <_>' -ForEach 'Import-VmOva', 'New-VmClone', 'New-VmFromIso', 'New-VmFromTemplate' {
        # The rows of the sections for all cmdlets and for this one: keys, a parameter, what it takes.
        $text = (Get-Help about_VmDeploy_Json | Out-String -Width 200) -replace "`r"
        $listed = foreach ($section in 'ALL CMDLETS THAT CREATE VMS', $_.ToUpper()) {
            $rows = [regex]::Match($text, "(?s)  KEYS OF $section\n(.*?)\n\n").Groups[1].Value
            foreach ($row in [regex]::Matches($rows, '(?m)^    (?<keys>\S.*?) +-(?<name>\w+) .*(?<more>(?:\n {6}.*)*)')) {
                # Continued keys are left of the parameters.
                $keys = @($row.Groups['keys'].Value) + ($row.Groups['more'].Value -split "`n" | ForEach-Object { "$_".PadRight(26).Substring(0, 26) })
                ($keys -join ' ') -split '[ ,]+' | Where-Object { $_ } | ForEach-Object { "$_ -$($row.Groups['name'].Value)" }
            }
        }
        $bound = (Get-Visible $_) | Where-Object { $_.Attributes.ValueFromPipelineByPropertyName -contains $true }
        $keys = foreach ($parameter in $bound) { @($parameter.Name) + $parameter.Aliases | ForEach-Object { "$($_.ToLower()) -$($parameter.Name)" } }
        $listed | Sort-Object -Unique | Should -Be ($keys | Sort-Object -Unique)
    }
}
