using System.Collections.Generic;
using System.Management.Automation;

namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that makes VMs: what they are called and where they go. The aliases are the keys of the JSON files.</summary>
public abstract class NewVmCmdlet : SessionCmdlet
{
    /// <summary>The parameter set in which names are made of a prefix and a number.</summary>
    protected const string ByPrefix = "Prefix";

    private const string ByName = "Name";
    private bool _namesAreTyped;

    /// <summary>Exact names, one for each VM to make.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByName, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Names are this and 1, 2, 3 ...</summary>
    [Parameter(ParameterSetName = ByPrefix, ValueFromPipelineByPropertyName = true)]
    [Alias("vm_name_prefix")]
    [ValidateNotNullOrEmpty]
    public string? NamePrefix { get; set; }

    /// <summary>Datacenter, where there are several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Datacenter { get; set; }

    /// <summary>Datastore, where there are several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Datastore { get; set; }

    /// <summary>Host to run on, where there are several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("host_name")]
    public string? HostName { get; set; }

    /// <summary>VM folder: a name, or a path under the datacenter's VM folder.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Folder { get; set; }

    /// <summary>Resource pool.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("resource_pool")]
    public string? ResourcePool { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _namesAreTyped = MyInvocation.BoundParameters.ContainsKey(nameof(Name));
    }

    /// <summary>The names of the VMs to make.</summary>
    /// <param name="file">
    /// The file that they are made from. Where a file is piped in, its own name binds to -Name and is not meant for a VM.
    /// </param>
    /// <param name="otherwise">The name when none is given.</param>
    /// <param name="count">How many.</param>
    protected IReadOnlyList<string> NamesToMake(string file, string otherwise, int count)
    {
        var isFileName = !_namesAreTyped && Name.Length == 1 && Name[0] == System.IO.Path.GetFileName(file);
        if (ParameterSetName == ByName && !isFileName)
            return Name;
        return NamePrefix is null && count == 1
            ? [otherwise]
            : VmNames.Numbered(NamePrefix ?? otherwise, count);
    }
}
