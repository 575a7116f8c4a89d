using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that makes VMs: what they are called and where they go. The aliases are the keys of the JSON files.</summary>
public abstract class NewVmCmdlet : SessionCmdlet
{
    /// <summary>The parameter set in which names are made of a prefix and a number.</summary>
    protected const string ByPrefix = "Prefix";

    /// <summary>The parameter set in which names are given.</summary>
    protected const string ByName = "Name";

    private bool _namesAreTyped;

    /// <summary>What came down the pipeline, kept to see that none of its values was passed over.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Exact names, one for each VM to make.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByName, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Names are this and 1, 2, 3 ...</summary>
    [Parameter(ParameterSetName = ByPrefix, ValueFromPipelineByPropertyName = true)]
    [Alias("vm_name_prefix")]
    [ValidateNotNullOrEmpty]
    public string? NamePrefix { get; set; }

    /// <summary>What to do about a name that a VM has already.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("existing_vm")]
    public ExistingVmAction ExistingVm { get; set; }

    /// <summary>Datacenter, where there are several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DatacenterCompleter))]
    public string? Datacenter { get; set; }

    /// <summary>Datastore, where there are several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public string? Datastore { get; set; }

    /// <summary>Host or cluster to run on, where there are several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("host_name")]
    [ArgumentCompleter(typeof(HostCompleter))]
    public string? HostName { get; set; }

    /// <summary>VM folder: a name, or a path under the datacenter's VM folder.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(FolderCompleter))]
    public string? Folder { get; set; }

    /// <summary>Resource pool.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("resource_pool")]
    [ArgumentCompleter(typeof(ResourcePoolCompleter))]
    public string? ResourcePool { get; set; }

    /// <summary>Notes of the VM.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Annotation { get; set; }

    /// <summary>Power the VMs on afterwards.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("power_on")]
    public SwitchParameter PowerOn { get; set; }

    /// <summary>Power the VMs on, and emit each when its guest reports an IP address.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("wait_for_ip")]
    public SwitchParameter WaitForIp { get; set; }

    /// <summary>Seconds that -WaitForIp waits for each VM.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("timeout_sec")]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 300;

    /// <summary>How many are made at a time.</summary>
    [Parameter]
    [ValidateRange(1, 32)]
    public int ThrottleLimit { get; set; } = 2;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _namesAreTyped = MyInvocation.BoundParameters.ContainsKey(nameof(Name));
    }

    /// <summary>Whether -Name was bound to no more than the piped thing's own name.</summary>
    private protected bool IsPipedName(string own) => !_namesAreTyped && Name.Length == 1 && Name[0] == own;

    /// <summary>The request with what these parameters say.</summary>
    private protected T Complete<T>(T request, IReadOnlyList<string> names)
        where T : DeploymentRequest
    {
        PassedOver.Refuse(this, InputObject, ParameterSetName);
        return (T)(request with
        {
            Names = names,
            ExistingVm = ExistingVm,
            Datacenter = Datacenter,
            Datastore = Datastore,
            HostName = HostName,
            Folder = Folder,
            ResourcePool = ResourcePool,
            Annotation = Annotation,
            PowerOn = PowerOn,
            WaitForIp = WaitForIp ? TimeSpan.FromSeconds(TimeoutSec) : null,
            ThrottleLimit = ThrottleLimit,
        });
    }

    /// <summary>Carries a plan out for those of its names that -WhatIf and -Confirm let through.</summary>
    private protected async Task DeployAsync(DeploymentPlan plan, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        foreach (var name in plan.Names)
        {
            string target = $"{name} on {plan.Session.Server}", action = plan.Describe(name);
            if (plan.Replaces(name) ? await ShouldProcessHighImpactAsync(target, action) : await ShouldProcessAsync(target, action))
                names.Add(name);
        }

        if (names.Count > 0)
            await plan.RunAsync(names, WriteObject, (_, failure) => WriteError(failure), Progress, cancellationToken);
    }
}
