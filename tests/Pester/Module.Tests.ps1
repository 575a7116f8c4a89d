BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    $folder = Split-Path $ModulePath
}

Describe 'The module folder' {
    It 'has a manifest that PowerShell accepts' {
        Test-ModuleManifest $ModulePath -ErrorAction Stop | Should -Not -BeNullOrEmpty
    }

    It 'has the version of the assemblies' {
        $properties = [xml](Get-Content "$Repository/Directory.Build.props" -Raw)
        $version = $properties.SelectSingleNode('//Version').InnerText
        (Import-PowerShellDataFile $ModulePath).ModuleVersion | Should -Be $version
        (Get-Module VmDeploy).Version.ToString() | Should -Be $version
        [Diagnostics.FileVersionInfo]::GetVersionInfo("$folder/VmDeploy.dll").ProductVersion | Should -BeLike "$version*"
    }

    It 'exports the cmdlets of the assembly, no more and no fewer' {
        $built = [VmDeploy.PowerShell.AsyncCmdlet].Assembly.GetExportedTypes() |
            ForEach-Object { $_.GetCustomAttributes([Management.Automation.CmdletAttribute], $false) } |
            ForEach-Object { "$($_.VerbName)-$($_.NounName)" } | Sort-Object
        (Import-PowerShellDataFile $ModulePath).CmdletsToExport | Sort-Object | Should -Be $built
        (Get-Command -Module VmDeploy).Name | Sort-Object | Should -Be $built
    }

    It 'uses approved verbs' {
        $approved = (Get-Verb).Verb
        (Get-Command -Module VmDeploy).Verb | Where-Object { $_ -notin $approved } | Should -BeNullOrEmpty
    }

    It 'ships no PowerShell' {
        Get-ChildItem $folder -Recurse -Filter System.Management.Automation* | Should -BeNullOrEmpty
    }

    It 'has the examples that its help speaks of' {
        Test-Path "$folder/examples/configs/config_question7.json" | Should -BeTrue
        Test-Path "$folder/examples/tinyVM.ova" | Should -BeTrue
    }

    It 'is complete for Windows PowerShell: every reference is there or in .NET Framework' {
        # The assemblies of .NET Framework 4.7.2, and PowerShell itself.
        $framework = 'mscorlib', 'netstandard', 'System', 'System.Core', 'System.Numerics', 'System.ComponentModel.DataAnnotations',
            'System.Management.Automation'
        $shipped = @{}
        foreach ($file in Get-ChildItem $folder -Recurse -Filter *.dll) {
            $name = [Reflection.AssemblyName]::GetAssemblyName($file.FullName)
            $shipped[$name.Name] = $name.Version
        }
        foreach ($file in Get-ChildItem $folder -Recurse -Filter *.dll) {
            $image = [Reflection.PortableExecutable.PEReader]::new([IO.File]::OpenRead($file.FullName))
            $metadata = [Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($image)
            foreach ($handle in $metadata.AssemblyReferences) {
                $reference = $metadata.GetAssemblyReference($handle)
                $name = $metadata.GetString($reference.Name)
                if ($name -in $framework) { continue }
                $shipped[$name] | Should -Not -BeNullOrEmpty -Because "$($file.Name) needs $name $($reference.Version)"
                $shipped[$name] | Should -BeGreaterOrEqual $reference.Version -Because "$($file.Name) needs it of $name"
            }
            $image.Dispose()
        }
    }
}

Describe 'The import' {
    It 'loads what only the first TLS connection of a process needs, before there is one' -Skip:(-not $IsLinux) {
        $script = {
            function Find { [bool]((Get-Content /proc/self/maps) -match 'libssl') }
            $before = Find
            Import-Module $args[0]
            $clock = [Diagnostics.Stopwatch]::StartNew()
            while (-not (Find) -and $clock.Elapsed.TotalSeconds -lt 60) { Start-Sleep -Milliseconds 50 }
            "$before, $(Find)"
        }
        pwsh -NoProfile -Command $script -args $ModulePath | Should -Be 'False, True'
    }
}

Describe 'Types' {
    It 'are known to scripts' {
        [VmDeploy.Vm].Name | Should -Be 'Vm'
        [VmDeploy.VmSession].Name | Should -Be 'VmSession'
    }
}

Describe 'Cmdlets' {
    It '<_> shows no foreign type in its parameters' -ForEach @(
        . "$PSScriptRoot/Support/Import.ps1"
        (Get-Command -Module VmDeploy).Name
    ) {
        $parameters = (Get-Command $_).Parameters.Values
        $parameters.ParameterType.FullName | Where-Object { $_ -like 'Microsoft.Extensions.*' } | Should -BeNullOrEmpty
    }

    It 'that change something have -WhatIf and -Confirm: <_>' -ForEach 'Import-VmOva', 'Start-VmInstance', 'Stop-VmInstance', 'Remove-VmInstance' {
        (Get-Command $_).Parameters.Keys | Should -Contain 'WhatIf'
        (Get-Command $_).Parameters.Keys | Should -Contain 'Confirm'
    }
}
