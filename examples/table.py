"""
A table with gaps and categories
================================

``preprocessing="table"`` takes a data frame as it comes, and says what it did to each column.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from deltaprop import MLPRegressor
from deltaprop.plots import predicted_against_true

# %%
# Made-up flats: the rent depends on area, age and district; some ages are missing.

rng = np.random.default_rng(0)
n = 600
flats = pd.DataFrame(
    {
        "area": rng.uniform(20, 120, n).round(),
        "age": rng.uniform(0, 100, n).round(),
        "district": rng.choice(["north", "south", "centre"], n),
        "balcony": rng.random(n) < 0.4,
    }
)
rent = 8 * flats["area"] - 2 * flats["age"] + 150 * (flats["district"] == "centre") + 60 * flats["balcony"]
rent += rng.normal(0, 20, n)
flats.loc[rng.random(n) < 0.1, "age"] = np.nan
train, test, rent_train, rent_test = train_test_split(flats, rent, random_state=0)

# %%
# The network is small, since the table is.

model = MLPRegressor(
    hidden_layer_sizes=(32,),
    preprocessing="table",
    scale_targets=True,
    learning_rate_init=0.01,
    random_state=0,
)
model.fit(train, rent_train)
print(*model.preprocessing_.describe(), sep="\n")
print(f"R² on {len(test)} other flats: {model.score(test, rent_test):.3f}")

# %%
# Predictions beside the true rents.

fig, ax = plt.subplots(figsize=(5, 4), layout="constrained")
predicted_against_true(model.predict(test), rent_test, "rent (€)", ax=ax)
plt.show()
