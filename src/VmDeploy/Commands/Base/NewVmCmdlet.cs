namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that creates VMs: the parameters for names and places. The aliases are the keys of the JSON files.</summary>
public abstract partial class NewVmCmdlet : SessionCmdlet
{
    private readonly HashSet<string> _planned = [];

    /// <summary>Exact names, one for each VM.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [NameText(List = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[]? Name { get; set; }

    /// <summary>Prefix of names that end in 1, 2, 3 ...</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("name_prefix", "vm_name_prefix")]
    [NameText]
    public string? NamePrefix { get; set; }

    /// <summary>What to do if a VM with the name already exists.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("existing_vm")]
    [EnumName(typeof(ExistingVmAction), Absent = ExistingVmAction.Fail)]
    public ExistingVmAction ExistingVm { get; set; }

    /// <summary>Datacenter, if there are several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmPlace))]
    [ArgumentCompleter(typeof(DatacenterCompleter))]
    public string? Datacenter { get; set; }

    /// <summary>Datastore, if there are several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmDatastore), typeof(VmPlace))]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    public string? Datastore { get; set; }

    /// <summary>Host or cluster to run on, if there are several.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("host_name")]
    [HostObjectName(typeof(VmHypervisor), typeof(VmPlace))]
    [ArgumentCompleter(typeof(HostCompleter))]
    public string? HostName { get; set; }

    /// <summary>VM folder: a name, or a path under the datacenter's VM folder.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmPlace))]
    [ArgumentCompleter(typeof(FolderCompleter))]
    public string? Folder { get; set; }

    /// <summary>Resource pool.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("resource_pool")]
    [HostObjectName(typeof(VmPlace))]
    [ArgumentCompleter(typeof(ResourcePoolCompleter))]
    public string? ResourcePool { get; set; }

    /// <summary>Notes of the VM.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PlainText]
    public string? Annotation { get; set; }

    /// <summary>cloud-init's user-data: text, a file, or a hashtable.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("user_data")]
    [CloudInitTransformation(Header = "#cloud-config")]
    public string? UserData { get; set; }

    /// <summary>cloud-init's meta-data: text, a file, or a hashtable.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("meta_data")]
    [CloudInitTransformation]
    public string? MetaData { get; set; }

    /// <summary>cloud-init's network-config: text, a file, or a hashtable.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("network_config")]
    [CloudInitTransformation]
    public string? NetworkConfig { get; set; }

    /// <summary>cloud-init's vendor-data: text, a file, or a hashtable.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("vendor_data")]
    [CloudInitTransformation(Header = "#cloud-config")]
    public string? VendorData { get; set; }

    /// <summary>How the guest gets the cloud-init documents: Guestinfo (vSphere) or Drive.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("cloud_init_via")]
    [EnumName(typeof(CloudInitVia))]
    public CloudInitVia? CloudInitVia { get; set; }

    /// <summary>Power the VMs on afterwards.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("power_on")]
    [Flag]
    public SwitchParameter PowerOn { get; set; }

    /// <summary>Power the VMs on, and emit each when its guest reports an IP address.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("wait_for_ip")]
    [Flag]
    public SwitchParameter WaitForIp { get; set; }

    /// <summary>Seconds that -WaitForIp waits for each VM.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("timeout_sec")]
    [WholeNumber(1, 86400, Absent = 300)]
    public int TimeoutSec { get; set; } = 300;

    /// <summary>How many VMs are created, and how many disks are transferred, at the same time.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("throttle_limit")]
    [WholeNumber(1, 32, Absent = 2)]
    public int ThrottleLimit { get; set; } = 2;

    // What is typed takes precedence over the keys of a record that is piped in.
    private protected override IEnumerable<string> PipelineSubjects => [];

    private protected sealed override bool TakesJobs => true;

    /// <summary>A given text; null for the own value of a piped object, which is not a change.</summary>
    private protected string? Other(string parameter, string? value, string? own) => value == own && !IsTyped(parameter) ? null : Given(parameter, value);

    private protected string[]? Given(string parameter, string[]? value)
    {
        if (value is null || IsTyped(parameter))
            return value;
        var given = value.Where(text => !string.IsNullOrEmpty(text)).ToArray();
        return given.Length == 0 && value.Length > 0 ? null : given;
    }

    /// <summary>
    /// The given names, or null if they are made from a prefix or pattern. Typed values take precedence over piped ones;
    /// the own name of a piped object binds to -Name too, but does not count.
    /// </summary>
    /// <exception cref="VmDeployException"><c>NameInvalid</c> when both are typed, or both piped.</exception>
    private protected IReadOnlyList<string>? ExactNames(string? ownName, int count, string patternParameter = "", string? pattern = null)
    {
        var isTyped = IsTyped(nameof(Name));
        if (!isTyped && Name?.Length == 1 && Name[0] == ownName)
            return null;
        var names = isTyped ? Name ?? [] : Given(nameof(Name), Name) is { Length: > 0 } given ? given : null;
        var prefix = Given(nameof(NamePrefix), NamePrefix);
        if (names is null or { Length: 0 } || (prefix is null && pattern is null && count == 1))
            return names;
        var isOtherTyped = IsTyped(nameof(NamePrefix)) || (IsTyped("Count") && count > 1) || IsTyped(patternParameter);
        if (isTyped == isOtherTyped)
        {
            throw new VmDeployException(ErrorCodes.NameInvalid,
                $"Exact names ({string.Join(", ", names.Select(name => $"'{name}'"))}) and {(prefix ?? pattern) switch
                {
                    { } text => $"the names made of '{text}'",
                    null => $"a count of {count}",
                }} exclude each other.", names[0]);
        }
        return isTyped ? names : null;
    }

    private protected T Complete<T>(T request, IReadOnlyList<string> names)
        where T : DeploymentRequest
    {
        PipedNameCheck.Run(InputObject, typeof(VmTemplate), typeof(OvaSummary), typeof(ExportedPackage), typeof(DatastoreFile));
        var hardware = ReadHardware();
        CheckMacAddresses(hardware);
        return (T)(request with
        {
            Hardware = hardware,
            Names = names,
            ExistingVm = ExistingVm,
            Datacenter = Given(nameof(Datacenter), Datacenter),
            // That of a piped ISO is not meant for the disks.
            Datastore = InputObject?.BaseObject is DatastoreFile && !IsTyped(nameof(Datastore)) ? null : Given(nameof(Datastore), Datastore),
            HostName = Given(nameof(HostName), HostName),
            Folder = Given(nameof(Folder), Folder),
            ResourcePool = Given(nameof(ResourcePool), ResourcePool),
            Annotation = Given(nameof(Annotation), Annotation),
            CloudInit = ReadCloudInit(),
            PowerOn = PowerOn,
            WaitForIp = WaitForIp ? TimeSpan.FromSeconds(TimeoutSec) : null,
            ThrottleLimit = ThrottleLimit,
        });
    }

    private CloudInitData? ReadCloudInit()
    {
        var data = new CloudInitData
        {
            UserData = Given(nameof(UserData), UserData),
            MetaData = Given(nameof(MetaData), MetaData),
            NetworkConfig = Given(nameof(NetworkConfig), NetworkConfig),
            VendorData = Given(nameof(VendorData), VendorData),
            Via = CloudInitVia,
        };
        return data == new CloudInitData() ? null : data;
    }

    /// <summary>The request without the own values of the VM that is its source, which a piped VM binds too: an equal value is not a change.</summary>
    private protected T WithoutOwn<T>(T request, Vm source)
        where T : DeploymentRequest => (T)(request with
        {
            Hardware = request.Hardware with
            {
                CpuCount = CpuCount == source.CpuCount ? null : CpuCount,
                MemoryMB = MemoryMB == source.MemoryMB ? null : MemoryMB,
                GuestId = GuestId == source.GuestId ? null : request.Hardware.GuestId,
            },
            Annotation = Other(nameof(Annotation), Annotation, source.Annotation),
            HostName = Other(nameof(HostName), HostName, source.HostName),
            Datacenter = Other(nameof(Datacenter), Datacenter, source.Datacenter),
            Folder = Other(nameof(Folder), Folder, source.Folder),
        });

    /// <summary>Executes a plan for the names that -WhatIf and -Confirm allow.</summary>
    private protected async Task DeployAsync(IDeploymentPlan plan, CancellationToken cancellationToken)
    {
        var names = await ConfirmAsync(plan, runsLater: false);
        if (names.Count > 0)
            await plan.RunAsync(names, WriteObject, (_, failure) => WriteError(failure), Progress, cancellationToken);
    }

    /// <summary>Where no two VMs have one name.</summary>
    private protected virtual string PlaceOfNames => $"{Datacenter ?? HostName}/{Folder}";

    /// <summary>The names of a plan that -WhatIf and -Confirm allow.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="runsLater">It runs after other plans of this pipeline have been made.</param>
    private protected async Task<IReadOnlyList<string>> ConfirmAsync(IDeploymentPlan plan, bool runsLater)
    {
        var names = new List<string>();
        foreach (var name in plan.Names)
        {
            // As long as nothing is created, no host refuses a name that appears twice in one pipeline.
            if (!_planned.Add($"{plan.Session.Id}/{PlaceOfNames}/{name}".ToUpperInvariant())
                && ExistingVm == ExistingVmAction.Fail && (runsLater || await OnPipelineThreadAsync(WhatIf)))
            {
                WriteError(new VmDeployException(ErrorCodes.VmNameExists, $"The name '{name}' appears twice in this pipeline.", name, hint: ErrorHint.NamesForEach));
                continue;
            }
            string target = $"{name} on {plan.Session.Server}", action = plan.Describe(name);
            if (plan.Replaces(name) ? await ShouldProcessHighImpactAsync(target, action) : await ShouldProcessAsync(target, action))
                names.Add(name);
        }
        return names;
    }
}
