"""Floor 5: from an exported corpus to a fine-tuned student; knows files, never the store."""

if __name__ == "finetune":  # the folder was put on sys.path: two copies of every class would follow
    raise ModuleNotFoundError("import colloquia.finetune, not finetune", name="finetune")
